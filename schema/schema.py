"""The GraphQL schema: the only thing here that is global."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.errors import EXCEPTION_HANDLERS
from schema.mutations import Mutation
from schema.null_defaults import leave_out_null_defaults
from schema.query import Query
from schema.subscription import Subscription
from schema.types.scalars import DATE_TIME, MINOR_UNITS, Instant, MinorUnits
from serving.internals.strawberry import graphql_schema_of

schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map={Instant: DATE_TIME, MinorUnits: MINOR_UNITS}),
    exception_handlers=EXCEPTION_HANDLERS,
)
leave_out_null_defaults(graphql_schema_of(schema))
