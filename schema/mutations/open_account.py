"""openAccount."""

import strawberry

from models.rules.refusals import LimitExceeded
from resolvers import open_account as opening
from schema.mutations.inputs import FreelancerProfileInput, profile_of
from schema.mutations.mutation import Call, Keyed, Outcome, input, mutation, success
from schema.newcomers import counted
from schema.types.account import Account
from schema.types.enums import AccountKind
from schema.types.wallet import Wallet


@input("The input of `openAccount`.")
class OpenAccountInput(Keyed):
    kind: AccountKind = strawberry.field(description="The kind of account.")
    name: str = strawberry.field(description="The public name: 1 to 200 characters.")
    profile: FreelancerProfileInput | None = strawberry.field(
        default=None,
        description="The public profile. Required for a freelancer, optional for an agency.",
    )


@success("The account was opened.")
class OpenAccountSuccess(Outcome):
    account: Account = strawberry.field(description="The new account.")
    wallet: Wallet = strawberry.field(description="The account's wallet, with this month's grant.")


@mutation("Opens an account. This month's free Connects are granted immediately.", LimitExceeded)
async def open_account(call: Call, input: OpenAccountInput) -> OpenAccountSuccess:
    with counted(call.info.context.caller.openings) as room:
        opened = await opening.open_account(
            call.services,
            call.user,
            kind=input.kind,
            name=input.name,
            profile=profile_of(input.profile),
            intent=call.intent,
            full=room.full,
        )
        room.is_unused = opened.replayed
    return OpenAccountSuccess(
        account=Account.of(opened.account, call.info),
        wallet=Wallet(opened.wallet),
        replayed=opened.replayed,
    )
