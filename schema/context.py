"""What one operation knows: who asks, and the services that answer."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

import strawberry
from graphql import GraphQLError

from models.rules import facts
from models.rules.instants import SECOND
from models.tables import User
from resolvers.services import Services
from resolvers.wallets import Moment
from schema.newcomers import Openings


class ConnectsCaller(NamedTuple):
    """Who asks: a user until the instant when the token expires, or somebody at an address.

    `openings` counts the accounts that the user opens; None where they are not counted.
    """

    user: User | None
    expires_at: int | None
    address: str
    openings: Openings | None = None

    @property
    def key(self) -> Hashable:
        """What calls are counted by."""
        return self.user.id if self.user else self.address


@dataclass(slots=True)
class ConnectsContext:
    """One for each operation. `caller.user` is None for a request without a token."""

    services: Services
    caller: ConnectsCaller
    request_id: str
    codes: list[str]
    """Those of the refusals that mutations answered with."""
    last_event_id: str | None = None
    """The last event that a client has of the subscription that it takes up again."""
    moment: Moment = field(default_factory=Moment)

    @property
    def user(self) -> User | None:
        return self.caller.user

    def seconds_left(self) -> float | None:
        """How long the caller's token is good for; None without one."""
        expires_at = self.caller.expires_at
        return None if expires_at is None else (expires_at - self.services.clock()) / SECOND

    def event_id(self, event: object) -> str | None:
        """The sequence of an entry."""
        row = getattr(event, "row", None)
        return str(row.sequence) if isinstance(row, facts.Entry) else None

    def signed_in(self) -> User:
        """The signed-in user. Raises a GraphQL error with code UNAUTHENTICATED for nobody."""
        if self.user is None:
            raise GraphQLError(
                "Sign in first: send the header Authorization: Bearer TOKEN.",
                extensions={"code": "UNAUTHENTICATED"},
            )
        return self.user


Info = strawberry.Info[ConnectsContext, None]
