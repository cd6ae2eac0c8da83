"""Global ids as in the contract: type name and row id, in base64url."""

import base64
from uuid import UUID

import strawberry

from benchmarks.textbook.refusals import RefusedError


def global_id(type_name: str, id: UUID) -> strawberry.ID:
    return strawberry.ID(encoded(f"{type_name}:{id}"))


def uuid_of(type_name: str, value: str) -> UUID:
    """Returns the UUID in an id of that type. Raises RefusedError if it is invalid."""
    try:
        name, id = decoded(value).split(":")
        uuid = UUID(id)
    except ValueError as error:
        raise RefusedError(f"{value} is not a valid id.") from error
    if name != type_name:
        raise RefusedError(f"{value} is not a valid id of type {type_name}.")
    return uuid


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
