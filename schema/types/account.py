"""Accounts: who owns and pays."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

import strawberry

from models import tables
from models.tables import Invitation as InvitationRow
from resolvers import listings, wallets
from schema.connections import Connection, Connects, Order, Paging, listed, newest_first, paged
from schema.context import Info
from schema.ids import global_id
from schema.members import for_members
from schema.types.contact import Contact
from schema.types.enums import AccountKind, InvitationStatus
from schema.types.freelancer import Freelancer
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.lazy import LazyWallet
from schema.types.node import NODE_TYPES, SAME_AS, Node, NodeType, by_id
from schema.types.proposal import Proposal
from schema.types.scalars import Instant
from serving.execution.attributes import attribute

_JOBS: Final = Order[tables.Job]("jobs", (int, UUID), listings.job_key)
_PROPOSALS: Final = newest_first("proposals")
_CONTACTS: Final = newest_first("contacts-received")
_RECEIVED: Final = Order[InvitationRow](
    "received", (Connects, UUID), lambda row: (row.connects, row.id)
)


@strawberry.type(
    description="An account of a client, a freelancer or an agency. It has a wallet and "
    "pays for actions."
)
class Account(Node):
    row: strawberry.Private[tables.Account]
    kind: AccountKind = strawberry.field(description="The kind of account.")
    account_kind: AccountKind = strawberry.field(
        resolver=attribute("kind"), description=SAME_AS.format("kind")
    )
    name: str = strawberry.field(description="The public name.")
    created_at: Instant = strawberry.field(
        resolver=attribute("row.created_at"), description="When the account was opened."
    )

    @classmethod
    def of(cls, row: tables.Account, _info: Info) -> "Account":
        return cls(id=global_id("Account", row.id), row=row, kind=row.kind, name=row.name)

    @strawberry.field(
        description="The account's wallet. Null unless the viewer is a member of the account."
    )
    @for_members("row.id")
    async def wallet(self, info: Info) -> LazyWallet | None:
        context = info.context
        wallet = await wallets.of_moment(context.services, context.moment, self.row.id)
        made: LazyWallet = NODE_TYPES["Wallet"].make(wallet, info)
        return made

    async def _freelancer(self, info: Info) -> Freelancer | None:
        row = await info.context.services.loaders.freelancers.load(self.row.id)
        return Freelancer.of(row, info) if row else None

    freelancer: Freelancer | None = strawberry.field(
        resolver=_freelancer, description="The public profile. Null if the account has none."
    )
    account_freelancer: Freelancer | None = strawberry.field(
        resolver=_freelancer, description=SAME_AS.format("freelancer")
    )

    @strawberry.field(
        description="The jobs that the account posted, newest first. Cancelled jobs come last."
    )
    @paged(_JOBS)
    async def jobs(self, info: Info, paging: Paging) -> Connection[Job]:
        return await listed(info, _JOBS, self.row.id, paging, listings.jobs_of_account, Job.of)

    @strawberry.field(
        description="The proposals that the account submitted, newest first. Null unless the "
        "viewer is a member of the account."
    )
    @for_members("row.id")
    @paged(_PROPOSALS)
    async def proposals(self, info: Info, paging: Paging) -> Connection[Proposal] | None:
        return await listed(
            info, _PROPOSALS, self.row.id, paging, listings.proposals_of_account, Proposal.of
        )

    @strawberry.field(
        description="The invitations that the account received, those with the most Connects "
        "first, then newest first. Null unless the viewer is a member of the "
        "account."
    )
    @for_members("row.id")
    @paged(_RECEIVED)
    async def invitations_received(
        self,
        info: Info,
        paging: Paging,
        status: Annotated[
            InvitationStatus | None,
            strawberry.argument(description="Only invitations with this status."),
        ] = None,
    ) -> Connection[Invitation] | None:
        read = partial(listings.invitations_received, status=status)
        return await listed(info, _RECEIVED, self.row.id, paging, read, Invitation.of)

    @strawberry.field(
        description="The accounts that unlocked this account's contact details, with their "
        "messages, newest first. Null unless the viewer is a member of the account."
    )
    @for_members("row.id")
    @paged(_CONTACTS)
    async def contacts_received(self, info: Info, paging: Paging) -> Connection[Contact] | None:
        return await listed(
            info, _CONTACTS, self.row.id, paging, listings.contacts_received, Contact.of
        )


NODE_TYPES["Account"] = NodeType(by_id(lambda loaders: loaders.accounts), Account.of)
