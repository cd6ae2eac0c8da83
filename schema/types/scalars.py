"""The scalar DateTime: an instant inside, RFC 3339 text in UTC outside."""

import strawberry
from graphql import GraphQLError

from models.rules.instants import Instant, parse_rfc3339, rfc3339

__all__ = ["DATE_TIME", "Instant"]


def _parse(value: object) -> Instant:
    if not isinstance(value, str):
        raise GraphQLError("DateTime must be text, such as 2026-11-22T09:30:00Z")
    try:
        return Instant(parse_rfc3339(value))
    except (ValueError, OverflowError) as error:
        raise GraphQLError(
            f"DateTime must be RFC 3339 with a zone, such as 2026-11-22T09:30:00Z: {error}"
        ) from error


DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="A point in time, exact to the microsecond: RFC 3339 text, given in UTC.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=rfc3339,
    parse_value=_parse,
)
