"""Relay global ids: the type's name and the row's own name, in base64url."""

import binascii
import re
from typing import Final, NamedTuple
from uuid import UUID

import strawberry

from models.identifiers import parse_uuid
from models.rules.refusals import InvalidInput, InvalidReason

_FORM: Final = re.compile(
    "([A-Z][A-Za-z]{1,39})"
    ":([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    "(?::(0|[1-9][0-9]{0,18}))?"
)
"""The only way to write an id, inside its base64."""
_LENGTH: Final = 150
"""No id is as long."""
_LAST_SEQUENCE: Final = 2**63 - 1


class GlobalId(NamedTuple):
    """What an id names: a row by its UUID, or an entry or lot by wallet and `sequence`."""

    type_name: str
    id: UUID
    sequence: int | None = None


def global_id(type_name: str, id: UUID, sequence: int | None = None) -> strawberry.ID:
    """The opaque id that clients see."""
    text = f"{type_name}:{id}" if sequence is None else f"{type_name}:{id}:{sequence}"
    return strawberry.ID(_encoded(text.encode()))


def _encoded(text: bytes) -> str:
    # Plain base64 is the same as base64url here: no such text has the bits of "+" or "/".
    return binascii.b2a_base64(text, newline=False).rstrip(b"=").decode()


def parse_id(value: str) -> GlobalId | None:
    """What `value` names, or None where no id of this service looks like that."""
    if len(value) > _LENGTH:
        return None
    try:
        text = binascii.a2b_base64(f"{value}==")
        found = _FORM.fullmatch(text.decode())
    except ValueError:
        return None
    # The decoder passes over what is no base64, so that many values give the same text.
    if found is None or _encoded(text) != value:
        return None
    type_name, id, digits = found.groups()
    if digits is None:
        return GlobalId(type_name, parse_uuid(id))
    sequence = int(digits)
    return GlobalId(type_name, parse_uuid(id), sequence) if sequence <= _LAST_SEQUENCE else None


def required_id(path: str, value: str, type_name: str) -> UUID:
    """The UUID of an input field that must name a `type_name`. Raises InvalidInput otherwise."""
    parsed = parse_id(value)
    message = f"must be an id of type {type_name}"
    if parsed is None:
        raise InvalidInput.at(path, message, InvalidReason.NOT_AN_ID)
    if parsed.type_name != type_name or parsed.sequence is not None:
        message = f"{message}, not {parsed.type_name}"
        raise InvalidInput.at(path, message, InvalidReason.ID_OF_ANOTHER_TYPE)
    return parsed.id
