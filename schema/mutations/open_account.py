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


@input("Opens an account.")
class OpenAccountInput(Keyed):
    kind: AccountKind = strawberry.field(description="What it will do on the marketplace.")
    name: str = strawberry.field(description="Its public name: 1 to 200 characters.")
    profile: FreelancerProfileInput | None = strawberry.field(
        default=None,
        description="Its public profile: a freelancer needs one, an agency may have one.",
    )


@success("The account was opened.")
class OpenAccountSuccess(Outcome):
    account: Account = strawberry.field(description="The new account.")
    wallet: Wallet = strawberry.field(description="Its wallet, this month's grant in it.")


@mutation("Open an account. It gets this month's free Connects at once.", LimitExceeded)
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
