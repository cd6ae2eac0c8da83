"""What one operation knows: who asks, and the services that answer."""

from dataclasses import dataclass

import strawberry
from graphql import GraphQLError

from models.tables import User
from resolvers.services import Services


@dataclass(frozen=True)
class Context:
    """`user` is None for a request without a token."""

    services: Services
    user: User | None
    request_id: str

    def signed_in(self) -> User:
        """The signed-in user. Raises a GraphQL error with code UNAUTHENTICATED for nobody."""
        if self.user is None:
            raise GraphQLError(
                "Sign in first: send the header Authorization: Bearer TOKEN.",
                extensions={"code": "UNAUTHENTICATED"},
            )
        return self.user


Info = strawberry.Info[Context, None]
