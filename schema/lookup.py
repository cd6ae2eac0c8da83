"""Fetching anything by its global id, as far as the viewer may see it."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import strawberry
from graphql import GraphQLError

from resolvers import access, wallets
from schema.context import Info
from schema.ids import GlobalId, parse_id
from schema.types.account import Account
from schema.types.contact import Contact
from schema.types.freelancer import Freelancer
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.money import ConnectsPackage
from schema.types.node import Node
from schema.types.proposal import Proposal
from schema.types.purchase import Purchase
from schema.types.user import User
from schema.types.wallet import Entry, Lot, Wallet


async def node_of(
    info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its global id.")]
) -> Node | None:
    """The node that `id` names; None where there is none, or none that the viewer may see.

    Raises a GraphQL error with code BAD_USER_INPUT for what is no id at all.
    """
    parsed = parse_id(id)
    if parsed is None:
        raise GraphQLError(
            f"{id[:50]!r} is not an id of this service.", extensions={"code": "BAD_USER_INPUT"}
        )
    if (parsed.sequence is not None) != (parsed.type_name in _SEQUENCED):
        return None
    find = _FINDERS.get(parsed.type_name)
    return await find(info, parsed) if find else None


async def _user(info: Info, name: GlobalId) -> Node | None:
    user = info.context.user
    return User.of(user, info) if user is not None and user.id == name.id else None


async def _account(info: Info, name: GlobalId) -> Node | None:
    row = await info.context.services.loaders.accounts.load(name.id)
    return Account.of(row) if row else None


async def _wallet(info: Info, name: GlobalId) -> Node | None:
    if not await _is_member(info, name.id):
        return None
    return Wallet(await wallets.current(info.context.services, name.id))


async def _lot(info: Info, name: GlobalId) -> Node | None:
    if not await _is_member(info, name.id):
        return None
    row = await info.context.services.loaders.lots.load((name.id, name.sequence or 0))
    return Lot.of(row) if row else None


async def _entry(info: Info, name: GlobalId) -> Node | None:
    if not await _is_member(info, name.id):
        return None
    row = await info.context.services.loaders.entries.load((name.id, name.sequence or 0))
    return Entry(row) if row else None


async def _package(info: Info, name: GlobalId) -> Node | None:
    packages = await info.context.services.loaders.packages()
    return next((ConnectsPackage.of(p) for p in packages if p.id == name.id), None)


async def _purchase(info: Info, name: GlobalId) -> Node | None:
    row = await info.context.services.loaders.purchases.load(name.id)
    return Purchase.of(row) if row and await _is_member(info, row.account_id) else None


async def _freelancer(info: Info, name: GlobalId) -> Node | None:
    row = await info.context.services.loaders.freelancers.load(name.id)
    return Freelancer.of(row) if row else None


async def _job(info: Info, name: GlobalId) -> Node | None:
    row = await info.context.services.loaders.jobs.load(name.id)
    return Job.of(row, info) if row else None


async def _proposal(info: Info, name: GlobalId) -> Node | None:
    services, user = info.context.services, info.context.user
    row = await services.loaders.proposals.load(name.id)
    visible = row is not None and await access.may_see_proposal(services, user, row)
    return Proposal.of(row) if row and visible else None


async def _invitation(info: Info, name: GlobalId) -> Node | None:
    services, user = info.context.services, info.context.user
    row = await services.loaders.invitations.load(name.id)
    visible = row is not None and await access.may_see_invitation(services, user, row)
    return Invitation.of(row, info) if row and visible else None


async def _contact(info: Info, name: GlobalId) -> Node | None:
    row = await info.context.services.loaders.contacts.load(name.id)
    return Contact.of(row) if row and await _is_member(info, row.account_id) else None


def _is_member(info: Info, account_id: UUID) -> Awaitable[bool]:
    context = info.context
    return access.is_member(context.services, context.user, account_id)


_FINDERS: dict[str, Callable[[Info, GlobalId], Awaitable[Node | None]]] = {
    "User": _user,
    "Account": _account,
    "Wallet": _wallet,
    "Lot": _lot,
    "Entry": _entry,
    "ConnectsPackage": _package,
    "Purchase": _purchase,
    "Freelancer": _freelancer,
    "Job": _job,
    "Proposal": _proposal,
    "Invitation": _invitation,
    "Contact": _contact,
}
_SEQUENCED = frozenset({"Lot", "Entry"})
