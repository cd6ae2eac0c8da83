"""The types of the schema by name, for fields of types that refer to each other in circles."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.types.account import Account
    from schema.types.entry import Entry
    from schema.types.freelancer import Freelancer
    from schema.types.invitation import Invitation
    from schema.types.job import Job
    from schema.types.lot import Draw, Lot
    from schema.types.proposal import Proposal
    from schema.types.wallet import Wallet

LazyAccount = Annotated["Account", strawberry.lazy("schema.types.account")]
LazyDraw = Annotated["Draw", strawberry.lazy("schema.types.lot")]
LazyEntry = Annotated["Entry", strawberry.lazy("schema.types.entry")]
LazyFreelancer = Annotated["Freelancer", strawberry.lazy("schema.types.freelancer")]
LazyInvitation = Annotated["Invitation", strawberry.lazy("schema.types.invitation")]
LazyJob = Annotated["Job", strawberry.lazy("schema.types.job")]
LazyLot = Annotated["Lot", strawberry.lazy("schema.types.lot")]
LazyProposal = Annotated["Proposal", strawberry.lazy("schema.types.proposal")]
LazyWallet = Annotated["Wallet", strawberry.lazy("schema.types.wallet")]
