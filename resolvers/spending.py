"""What the ways to spend or hold Connects have in common."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.models import Model

from models.ledger.commands import Command, Decision, Facts, Posted
from models.rules.actions import ConnectsAction
from models.rules.facts import Entry, Wallet
from models.rules.kinds import AccountKind
from models.rules.postings import Spend
from models.rules.prices import NO_TERMS, JobTerms
from models.rules.pricing import check_expected, price_of
from models.store.batching import BatchLoader
from models.tables import Job
from resolvers import wallets
from resolvers.outcomes import outcome
from resolvers.services import Services

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class SpendResult(Generic[M]):
    """What was made, and the paying wallet after it. `entry` is None where it was free."""

    subject: M
    wallet: Wallet
    entry: Entry | None
    replayed: bool


def terms_of(job: Job) -> JobTerms:
    """What of a job its prices may depend on."""
    return JobTerms(job.category, job.budget_currency, job.budget_minor)


def price(
    facts: Facts,
    action: ConnectsAction,
    expected: int | None,
    chosen: int | None = None,
    *,
    terms: JobTerms = NO_TERMS,
    free: bool = False,
) -> int:
    """The Connects that `action` costs the command's wallet now, for a job of `terms`.

    Raises NotAllowed and InvalidInput as `pricing.price_of` does, PriceChanged where it is not the
    `expected`. `free` sets the price aside, not the rule that accounts of this kind may do it.
    """
    assert facts.wallet is not None
    kind = AccountKind(facts.wallet.account_kind)
    connects = price_of(facts.prices, action, kind, facts.now, chosen, terms)
    connects = 0 if free else connects
    check_expected(connects, expected)
    return connects


def charged(
    action: ConnectsAction, connects: int, subject: Model, return_at: int | None = None
) -> Decision:
    """Creates `subject` and charges `connects` for it, if it costs any.

    `return_at` is the instant at which some of them may come back by themselves.
    """
    return Decision(
        subject_id=subject.pk,
        movement=Spend(connects, action, subject.pk) if connects else None,
        inserts=(subject,),
        return_at=return_at,
    )


async def spend(
    services: Services, command: Command, loader: "BatchLoader[UUID, Any]", model: type[M]
) -> tuple[SpendResult[M], Posted]:
    """Posts `command` and gives its subject, read through `loader` if it was made earlier."""
    assert command.account_id is not None
    posted = await services.ledger.post(command)
    assert posted.subject_id is not None
    made = next((row for row in posted.inserts if isinstance(row, model)), None)
    with outcome():
        subject: M = made if made is not None else await loader.load(posted.subject_id)
        wallet, entry = await wallets.after(services, command.account_id, posted)
    return SpendResult(subject, wallet, entry, posted.replayed), posted
