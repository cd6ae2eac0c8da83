"""The queries."""

import asyncio
from typing import Annotated, Final, cast

import strawberry

from models.rules.refusals import InvalidInput, InvalidReason
from resolvers import quote as quotes
from resolvers.buy_connects import packages_for_sale
from resolvers.inputs import terms_from
from schema.context import Info
from schema.ids import required_id
from schema.lookup import account_of, freelancer_of, job_of, node_at, node_of, wallet_of
from schema.mutations.inputs import money_of
from schema.search import Search
from schema.types.enums import AccountKind, ConnectsAction
from schema.types.money import PACKAGES, ConnectsPackage, CostRule
from schema.types.node import Node
from schema.types.quote import Quote, QuoteInput
from schema.types.user import User
from serving.operations.bounds import at_most
from serving.operations.costs import holds

NODES: Final = 100
COST_RULES: Final = len(AccountKind) * len(ConnectsAction)
"""Usually one for each kind of account and action at most."""

OnlyKind = Annotated[
    AccountKind | None, strawberry.argument(description="Only results for this kind of account.")
]


@strawberry.type(description="The root of all queries.")
class Query(Search):
    @strawberry.field(description="The signed-in user. Null without a token.")
    async def viewer(self, info: Info) -> User | None:
        user = info.context.user
        return User.of(user, info) if user else None

    node = strawberry.field(
        resolver=node_of,
        description="Any object by its ID. Null if it does not exist or the viewer may not see it.",
    )

    @strawberry.field(
        description="Many objects by their IDs, in the order of the IDs. An item is null if the "
        "object does not exist or the viewer may not see it. A malformed ID also "
        "gives null, and an error at its position."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description=f"Up to {NODES} global IDs.", metadata=at_most(NODES)),
        ],
    ) -> list[Node | None]:
        if len(ids) > NODES:
            message = f"may be at most {NODES}, not {len(ids)}"
            raise InvalidInput.at("ids", message, InvalidReason.TOO_MANY, NODES)
        found = await asyncio.gather(
            *(node_at(info, id, f"ids.{place}") for place, id in enumerate(ids)),
            return_exceptions=True,
        )
        # An exception in a list becomes null at its place, and an error that names the place.
        return cast("list[Node | None]", found)

    account = strawberry.field(
        resolver=account_of, description="An account by its ID. Null if it does not exist."
    )
    freelancer = strawberry.field(
        resolver=freelancer_of,
        description="A freelancer's profile by its ID. Null if it does not exist.",
    )
    job = strawberry.field(
        resolver=job_of, description="A job by its ID. Null if it does not exist."
    )
    wallet = strawberry.field(
        resolver=wallet_of,
        description="The wallet of an account. Null if it does not exist or the viewer is not a "
        "member of the account.",
    )

    @strawberry.field(
        description="The packages on sale now, smallest first. Empty if buying is not set up.",
        metadata=holds(PACKAGES),
    )
    async def connects_packages(
        self, info: Info, account_kind: OnlyKind = None
    ) -> list[ConnectsPackage]:
        on_sale = await packages_for_sale(info.context.services, account_kind)
        return [ConnectsPackage.of(package, info) for package in on_sale]

    @strawberry.field(
        description="The current price list, by action and kind of account. Of the prices for "
        "one action and kind, the last one whose conditions a job meets applies: first comes the "
        "general price, then those for a budget, for a category, and for both.",
        metadata=holds(COST_RULES),
    )
    async def cost_rules(self, info: Info, account_kind: OnlyKind = None) -> list[CostRule]:
        services = info.context.services
        prices = await services.loaders.prices()
        return [
            CostRule.of(rule)
            for rule in prices.cost_rules_in_force(services.clock())
            if account_kind is None or rule.account_kind == account_kind
        ]

    @strawberry.field(
        description="The current price of an action for one of the viewer's accounts. Only the "
        "mutation itself checks whether the action is permitted."
    )
    async def quote(
        self,
        info: Info,
        input: Annotated[
            QuoteInput, strawberry.argument(description="The action to get a price for.")
        ],
    ) -> Quote | None:
        job, freelancer = input.job_id, input.freelancer_id
        terms = terms_from(input.category, money_of(input.budget))
        quote = await quotes.quote(
            info.context.services,
            info.context.signed_in(),
            info.context.moment,
            account_id=required_id("accountId", input.account_id, "Account"),
            action=input.action,
            chosen=input.connects,
            job_id=None if job is None else required_id("jobId", job, "Job"),
            freelancer_id=None
            if freelancer is None
            else required_id("freelancerId", freelancer, "Freelancer"),
            terms=terms,
        )
        return Quote.of(quote)
