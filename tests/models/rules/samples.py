"""Values that the tests of the rules start from."""

from uuid import UUID

from models.rules.actions import ConnectsAction
from models.rules.facts import GENESIS, Lot, Wallet
from models.rules.instants import add_months, month_of, start_of_month
from models.rules.kinds import AccountKind, LotSource
from models.rules.postings import Credit, Holdings, Spend
from models.rules.prices import GrantRule, PriceList
from tests.clocks import instant

ACCOUNT = UUID(int=1)
ACTOR = UUID(int=2)
JOB = UUID(int=3)
PURCHASE = UUID(int=4)

NOW = instant("2026-11-22T09:30:00Z")
NEXT_GRANT = instant("2026-12-01T00:00:00Z")


def granting(connects: int, lifetime_months: int = 12) -> PriceList:
    """A price list that grants every account kind `connects` each month, since ever."""
    rules = (GrantRule(kind, connects, lifetime_months, 0) for kind in AccountKind)
    return PriceList((), tuple(rules))


GRANTING_60 = granting(60)
GRANTING_NOTHING = PriceList((), ())


def lot(sequence: int, remaining: int, expires_at: int | None = None) -> Lot:
    """A bought lot, which expires 12 months from NOW unless told."""
    return Lot(
        account_id=ACCOUNT,
        sequence=sequence,
        source=LotSource.PURCHASE,
        granted=remaining,
        remaining=remaining,
        held=0,
        created_at=NOW - 1,
        expires_at=add_months(NOW, 12) if expires_at is None else expires_at,
        grant_month=None,
        purchase_id=UUID(int=1000 + sequence),
    )


def holding(
    *lots: Lot, kind: AccountKind = AccountKind.CLIENT, frontier: tuple[int, int] | None = None
) -> Holdings:
    """A wallet at NOW with `lots`, which stand in drawing order, this month's grant behind it."""
    events = [start_of_month(month_of(NOW) + 1), *(each.expires_at for each in lots)]
    wallet = Wallet(
        account_id=ACCOUNT,
        account_kind=kind,
        available=sum(each.remaining for each in lots),
        held=0,
        sequence=max((each.sequence for each in lots), default=0),
        head_hash=GENESIS,
        next_event_at=min(events),
        last_grant_month=month_of(NOW),
        updated_at=NOW - 1,
    )
    return Holdings(wallet, lots, frontier)


def purchase(connects: int, lifetime_months: int = 12) -> Credit:
    return Credit(connects, lifetime_months, PURCHASE)


def job_post(connects: int) -> Spend:
    return Spend(connects, ConnectsAction.POST_JOB, JOB)
