"""Fetching anything by its global id, as far as the viewer may see it."""

from typing import Annotated, cast

import strawberry

from models.rules.refusals import InvalidInput, InvalidReason
from schema.context import Info
from schema.ids import GlobalId, parse_id
from schema.types.account import Account
from schema.types.freelancer import Freelancer
from schema.types.job import Job
from schema.types.node import Node, visible
from schema.types.wallet import Wallet

Id = Annotated[strawberry.ID, strawberry.argument(description="The global ID.")]


async def node_of(info: Info, id: Id) -> Node | None:
    """The node that `id` names; None where there is none, or none that the viewer may see.

    Raises InvalidInput for what is not an id.
    """
    return await visible(info, _named(id, "id"))


async def account_of(info: Info, id: Id) -> Account | None:
    """The same for an account. Raises InvalidInput for an id of another type, too."""
    return cast("Account | None", await visible(info, _of_type("Account", id, "id")))


async def freelancer_of(info: Info, id: Id) -> Freelancer | None:
    """The same for a freelancer."""
    return cast("Freelancer | None", await visible(info, _of_type("Freelancer", id, "id")))


async def job_of(info: Info, id: Id) -> Job | None:
    """The same for a job."""
    return cast("Job | None", await visible(info, _of_type("Job", id, "id")))


async def wallet_of(
    info: Info,
    account_id: Annotated[
        strawberry.ID, strawberry.argument(description="The global ID of the account.")
    ],
) -> Wallet | None:
    """The same for the wallet of an account."""
    account = _of_type("Account", account_id, "accountId")
    return cast("Wallet | None", await visible(info, account._replace(type_name="Wallet")))


async def node_at(info: Info, id: str, path: str) -> Node | None:
    """The node for an id that stands at a dotted `path` of the arguments."""
    return await visible(info, _named(id, path))


def _of_type(type_name: str, id: str, path: str) -> GlobalId:
    named = _named(id, path)
    if named.type_name != type_name:
        message = f"must be an id of type {type_name}, not {named.type_name}"
        raise InvalidInput.at(path, message, InvalidReason.ID_OF_ANOTHER_TYPE)
    return named


def _named(id: str, path: str) -> GlobalId:
    parsed = parse_id(id)
    if parsed is None:
        message = f"{id[:50]!r} is not an id of this service"
        raise InvalidInput.at(path, message, InvalidReason.NOT_AN_ID)
    return parsed
