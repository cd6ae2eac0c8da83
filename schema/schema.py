"""The GraphQL schema: the only thing here that is global."""

import logging

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from schema.documents import KnownDocuments
from schema.errors import EXCEPTION_HANDLERS
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import DATE_TIME, Instant

_logger = logging.getLogger(__name__)


class Schema(strawberry.Schema):
    """A schema whose errors are logged where they are answered, in `schema.errors`."""

    def process_errors(
        self, errors: list[GraphQLError], _context: ExecutionContext | None = None
    ) -> None:
        for error in errors:
            _logger.debug("%s", error)


schema = Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(scalar_map={Instant: DATE_TIME}),
    extensions=[KnownDocuments],
    exception_handlers=EXCEPTION_HANDLERS,
)
