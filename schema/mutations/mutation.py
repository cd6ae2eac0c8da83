"""The mutations: one for each action, with one input and a union of answers."""

from typing import Annotated

import strawberry

from resolvers.buy_connects import buy_connects
from resolvers.contact_freelancer import contact_freelancer
from resolvers.invite_freelancer import invite_freelancer
from resolvers.open_account import open_account
from resolvers.post_job import post_job
from resolvers.submit_proposal import submit_proposal
from schema.context import Info
from schema.ids import required_id
from schema.mutations.inputs import (
    BuyConnectsInput,
    ContactFreelancerInput,
    InviteFreelancerInput,
    OpenAccountInput,
    PostJobInput,
    SubmitProposalInput,
    intent_of,
    money_of,
    profile_of,
)
from schema.mutations.market_mutation import MarketMutation
from schema.mutations.results import (
    BuyConnectsResult,
    BuyConnectsSuccess,
    ContactFreelancerResult,
    ContactFreelancerSuccess,
    InviteFreelancerResult,
    InviteFreelancerSuccess,
    OpenAccountResult,
    OpenAccountSuccess,
    PostJobResult,
    PostJobSuccess,
    SubmitProposalResult,
    SubmitProposalSuccess,
)
from schema.newcomers import counted
from schema.types.account import Account
from schema.types.contact import Contact
from schema.types.freelancer import Freelancer
from schema.types.invitation import Invitation
from schema.types.job import Job
from schema.types.proposal import Proposal
from schema.types.purchase import Purchase
from schema.types.wallet import Entry, Wallet

INPUT = strawberry.argument(description="What is asked for.")


@strawberry.type(description="Everything that changes something. All of it needs a token.")
class Mutation(MarketMutation):
    @strawberry.mutation(description="Open an account. It gets this month's free Connects at once.")
    async def open_account(
        self, info: Info, input: Annotated[OpenAccountInput, INPUT]
    ) -> OpenAccountResult:
        user = info.context.signed_in()
        with counted(info.context.caller.openings) as opening:
            opened = await open_account(
                info.context.services,
                user,
                kind=input.kind,
                name=input.name,
                profile=profile_of(input.profile),
                intent=intent_of(user, "openAccount", input),
                full=opening.full,
            )
            opening.is_unused = opened.replayed
        return OpenAccountSuccess(
            account=Account.of(opened.account),
            wallet=Wallet(opened.wallet),
            replayed=opened.replayed,
        )

    @strawberry.mutation(description="Buy Connects.")
    async def buy_connects(
        self, info: Info, input: Annotated[BuyConnectsInput, INPUT]
    ) -> BuyConnectsResult:
        user = info.context.signed_in()
        bought = await buy_connects(
            info.context.services,
            user,
            account_id=required_id("accountId", input.account_id, "Account"),
            package_id=required_id("packageId", input.package_id, "ConnectsPackage"),
            quantity=input.quantity,
            payment_method=input.payment_method,
            intent=intent_of(user, "buyConnects", input),
        )
        return BuyConnectsSuccess(
            purchase=Purchase.of(bought.purchase),
            wallet=Wallet(bought.wallet),
            entry=Entry(bought.entry) if bought.entry else None,
            replayed=bought.replayed,
        )

    @strawberry.mutation(description="Post a job. It is open for 30 days.")
    async def post_job(self, info: Info, input: Annotated[PostJobInput, INPUT]) -> PostJobResult:
        user = info.context.signed_in()
        spent = await post_job(
            info.context.services,
            user,
            account_id=required_id("accountId", input.account_id, "Account"),
            title=input.title,
            description=input.description,
            skills=input.skills,
            budget=money_of(input.budget),
            expected_connects=input.expected_connects,
            intent=intent_of(user, "postJob", input),
        )
        return PostJobSuccess(
            job=Job.of(spent.subject, info),
            wallet=Wallet(spent.wallet),
            entry=Entry(spent.entry) if spent.entry else None,
            replayed=spent.replayed,
        )

    @strawberry.mutation(
        description="Submit a proposal to a job: once for each account and job, "
        "free on an accepted invitation."
    )
    async def submit_proposal(
        self, info: Info, input: Annotated[SubmitProposalInput, INPUT]
    ) -> SubmitProposalResult:
        user = info.context.signed_in()
        spent = await submit_proposal(
            info.context.services,
            user,
            account_id=required_id("accountId", input.account_id, "Account"),
            job_id=required_id("jobId", input.job_id, "Job"),
            cover_letter=input.cover_letter,
            bid=money_of(input.bid),
            expected_connects=input.expected_connects,
            intent=intent_of(user, "submitProposal", input),
        )
        return SubmitProposalSuccess(
            proposal=Proposal.of(spent.subject),
            wallet=Wallet(spent.wallet),
            entry=Entry(spent.entry) if spent.entry else None,
            replayed=spent.replayed,
        )

    @strawberry.mutation(
        description="Invite a freelancer to a job, for as many Connects as you choose. "
        "They do not come back if the freelancer declines or stays silent."
    )
    async def invite_freelancer(
        self, info: Info, input: Annotated[InviteFreelancerInput, INPUT]
    ) -> InviteFreelancerResult:
        user = info.context.signed_in()
        spent = await invite_freelancer(
            info.context.services,
            user,
            job_id=required_id("jobId", input.job_id, "Job"),
            freelancer_id=required_id("freelancerId", input.freelancer_id, "Freelancer"),
            connects=input.connects,
            message=input.message,
            expected_connects=input.expected_connects,
            intent=intent_of(user, "inviteFreelancer", input),
        )
        return InviteFreelancerSuccess(
            invitation=Invitation.of(spent.subject, info),
            wallet=Wallet(spent.wallet),
            entry=Entry(spent.entry) if spent.entry else None,
            replayed=spent.replayed,
        )

    @strawberry.mutation(
        description="Unlock a freelancer's contact details for an account. "
        "Paid once; again is free."
    )
    async def contact_freelancer(
        self, info: Info, input: Annotated[ContactFreelancerInput, INPUT]
    ) -> ContactFreelancerResult:
        user = info.context.signed_in()
        unlocked = await contact_freelancer(
            info.context.services,
            user,
            account_id=required_id("accountId", input.account_id, "Account"),
            freelancer_id=required_id("freelancerId", input.freelancer_id, "Freelancer"),
            message=input.message,
            expected_connects=input.expected_connects,
            intent=intent_of(user, "contactFreelancer", input),
        )
        return ContactFreelancerSuccess(
            contact=Contact.of(unlocked.contact),
            freelancer=Freelancer.of(unlocked.freelancer),
            wallet=Wallet(unlocked.wallet),
            entry=Entry(unlocked.entry) if unlocked.entry else None,
            already_unlocked=unlocked.already_unlocked,
            replayed=unlocked.replayed,
        )
