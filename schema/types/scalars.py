"""The scalars: DateTime, an instant inside and RFC 3339 text in UTC outside, and MinorUnits."""

import strawberry
from graphql import GraphQLError

from models.money import LARGEST_AMOUNT, MinorUnits
from models.rules.instants import Instant, parse_rfc3339, rfc3339

__all__ = ["DATE_TIME", "MINOR_UNITS", "Instant", "MinorUnits"]


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
    description="A point in time as an RFC 3339 string, with microsecond precision. "
    "Returned in UTC.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    serialize=rfc3339,
    parse_value=_parse,
)


def _minor_units(value: object) -> MinorUnits:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise GraphQLError("MinorUnits must be an integer, such as 150")
    if abs(value) > LARGEST_AMOUNT:
        raise GraphQLError(f"MinorUnits must be at most {LARGEST_AMOUNT}")
    return MinorUnits(value)


MINOR_UNITS = strawberry.scalar(
    name="MinorUnits",
    description="An amount of money in the minor unit of its currency, such as cents: an integer "
    f"up to {LARGEST_AMOUNT} (2^53 - 1), as a JSON number. ISO 4217 defines the number of minor "
    "units: 150 is 1.50 in USD and 150 in JPY, and 1500 is 1.500 in KWD.",
    serialize=_minor_units,
    parse_value=_minor_units,
)
