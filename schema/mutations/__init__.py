"""The mutations: one file for each, listed here."""

from strawberry.tools import create_type

from schema.mutations.award_job import award_job
from schema.mutations.boost_proposal import boost_proposal
from schema.mutations.buy_connects import buy_connects
from schema.mutations.cancel_job import cancel_job
from schema.mutations.contact_freelancer import contact_freelancer
from schema.mutations.invite_freelancer import invite_freelancer
from schema.mutations.open_account import open_account
from schema.mutations.post_job import post_job
from schema.mutations.respond_to_invitation import respond_to_invitation
from schema.mutations.submit_proposal import submit_proposal
from schema.mutations.withdraw_boost import withdraw_boost
from schema.mutations.withdraw_proposal import withdraw_proposal

Mutation = create_type(
    "Mutation",
    [
        open_account,
        buy_connects,
        post_job,
        cancel_job,
        submit_proposal,
        withdraw_proposal,
        boost_proposal,
        withdraw_boost,
        award_job,
        invite_freelancer,
        respond_to_invitation,
        contact_freelancer,
    ],
    description="The root of all mutations. Every mutation requires a token.",
)
