"""Accounts: who owns and pays."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from models import tables
from models.tables import Invitation as InvitationRow
from resolvers import access, listings, wallets
from schema.connections import (
    After,
    Before,
    Connection,
    Connects,
    First,
    Last,
    Order,
    newest_first,
)
from schema.context import Info
from schema.ids import global_id
from schema.types.enums import AccountKind, InvitationStatus
from schema.types.freelancer import Freelancer
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.node import Node
from schema.types.proposal import Proposal

if TYPE_CHECKING:
    from schema.types.wallet import Wallet


@strawberry.type(description="Who owns and pays: a client, a freelancer or an agency.")
class Account(Node):
    row: strawberry.Private[tables.Account]
    kind: AccountKind = strawberry.field(description="What it does on the marketplace.")
    name: str = strawberry.field(description="Its public name.")

    @classmethod
    def of(cls, row: tables.Account) -> "Account":
        return cls(id=global_id("Account", row.id), row=row, kind=row.kind, name=row.name)

    @strawberry.field(description="Its Connects; null to everybody but its members.")
    async def wallet(
        self, info: Info
    ) -> Annotated["Wallet", strawberry.lazy("schema.types.wallet")] | None:
        from schema.types.wallet import Wallet

        context = info.context
        if not await access.is_member(context.services, context.user, self.row.id):
            return None
        return Wallet(await wallets.current(context.services, self.row.id))

    @strawberry.field(description="Its public profile; null where it has none.")
    async def freelancer(self, info: Info) -> Freelancer | None:
        row = await info.context.services.loaders.freelancers.load(self.row.id)
        return Freelancer.of(row) if row else None

    @strawberry.field(description="The jobs it posted, newest first.")
    async def jobs(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Job]:
        order = newest_first(f"jobs:{self.row.id}")
        asked = order.page(first, after, last, before)
        services = info.context.services
        sliced = await listings.jobs_of_account(services, self.row.id, asked)
        return order.connection(sliced, lambda row: Job.of(row, info))

    @strawberry.field(
        description="The proposals it submitted, newest first; null to everybody but its members."
    )
    async def proposals(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Proposal] | None:
        context = info.context
        if not await access.is_member(context.services, context.user, self.row.id):
            return None
        order = newest_first(f"proposals:{self.row.id}")
        asked = order.page(first, after, last, before)
        sliced = await listings.proposals_of_account(context.services, self.row.id, asked)
        return order.connection(sliced, Proposal.of)

    @strawberry.field(
        description="Its inbox of invitations, most Connects first, then newest; "
        "null to everybody but its members."
    )
    async def invitations_received(
        self,
        info: Info,
        status: Annotated[
            InvitationStatus | None, strawberry.argument(description="Only those that stand so.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Invitation] | None:
        context = info.context
        if not await access.is_member(context.services, context.user, self.row.id):
            return None
        order = Order[InvitationRow](
            f"received:{self.row.id}", (Connects, UUID), lambda row: (row.connects, row.id)
        )
        asked = order.page(first, after, last, before)
        sliced = await listings.invitations_received(context.services, self.row.id, status, asked)
        return order.connection(sliced, lambda row: Invitation.of(row, info))


async def account_type(info: Info, account_id: UUID) -> Account:
    """The account that a row of the database refers to."""
    row = await info.context.services.loaders.accounts.load(account_id)
    assert row is not None
    return Account.of(row)
