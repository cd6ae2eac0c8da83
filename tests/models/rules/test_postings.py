"""Postings: opening a wallet, spending, crediting, and what the next event is."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy

import pytest

from models.rules.actions import ConnectsAction
from models.rules.facts import GENESIS, Draw, Lot
from models.rules.hashchain import entry_hash
from models.rules.instants import add_months, month_of
from models.rules.kinds import AccountKind, EntryKind, LotSource
from models.rules.lots import MoreLotsNeeded
from models.rules.postings import (
    WALLET_LIMIT,
    Holdings,
    Posting,
    check_room,
    credit,
    open_wallet,
    spend,
    upcoming_grant,
    with_all_lots,
)
from models.rules.prices import GrantRule, PriceList
from models.rules.refusals import InsufficientConnects, LimitExceeded, Refusal
from tests.clocks import instant
from tests.models.rules.default_prices import DEFAULT_PRICES
from tests.models.rules.samples import (
    ACCOUNT,
    ACTOR,
    GRANTING_60,
    GRANTING_NOTHING,
    JOB,
    NEXT_GRANT,
    NOW,
    PURCHASE,
    granting,
    holding,
    job_post,
    lot,
    purchase,
)

SOON, LATER = NOW + 10, NOW + 20
Act = Callable[[Holdings], Posting]


def remaining(holdings: Holdings) -> list[tuple[int, int]]:
    return [(each.sequence, each.remaining) for each in holdings.lots]


@pytest.mark.parametrize("kind", AccountKind)
def test_a_new_account_gets_its_first_grant_at_once(kind: AccountKind) -> None:
    holdings, (posting,) = open_wallet(ACCOUNT, kind, DEFAULT_PRICES, NOW)
    entry, wallet = posting.entry, holdings.wallet
    assert posting.holdings == holdings
    assert (entry.sequence, entry.kind, entry.connects) == (1, EntryKind.GRANT, 60)
    assert (entry.created_at, entry.prev_hash, entry.actor_id) == (NOW, GENESIS, None)
    assert entry.hash == entry_hash(entry, posting.brought, ())
    assert (wallet.available, wallet.held, wallet.sequence) == (60, 0, 1)
    assert (wallet.head_hash, wallet.account_kind) == (entry.hash, kind)
    assert wallet.next_event_at == NEXT_GRANT


def test_the_first_grant_is_a_lot_of_its_month() -> None:
    holdings, (posting,) = open_wallet(ACCOUNT, AccountKind.CLIENT, DEFAULT_PRICES, NOW)
    assert holdings.lots == (posting.brought,)
    assert posting.brought == Lot(
        account_id=ACCOUNT,
        sequence=1,
        source=LotSource.MONTHLY_GRANT,
        granted=60,
        remaining=60,
        held=0,
        created_at=NOW,
        expires_at=instant("2027-11-22T09:30:00Z"),
        grant_month=month_of(NOW),
        purchase_id=None,
    )


@pytest.mark.parametrize(
    ("opened", "next_grant"),
    [
        ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("2026-11-30T23:59:59.999999Z", "2026-12-01T00:00:00Z"),
        ("2026-12-31T23:59:59.999999Z", "2027-01-01T00:00:00Z"),
    ],
)
def test_the_next_grant_comes_with_the_next_month(opened: str, next_grant: str) -> None:
    holdings, _ = open_wallet(ACCOUNT, AccountKind.CLIENT, DEFAULT_PRICES, instant(opened))
    assert holdings.wallet.next_event_at == instant(next_grant)


@pytest.mark.parametrize("prices", [GRANTING_NOTHING, granting(0)], ids=["no rule", "rule of 0"])
def test_where_nothing_is_granted_a_new_wallet_is_empty(prices: PriceList) -> None:
    holdings, postings = open_wallet(ACCOUNT, AccountKind.CLIENT, prices, NOW)
    wallet = holdings.wallet
    assert (postings, holdings.lots) == ([], ())
    assert (wallet.available, wallet.sequence, wallet.head_hash) == (0, 0, GENESIS)
    assert wallet.next_event_at == NEXT_GRANT


def test_a_spend_is_one_entry_that_says_what_for_and_by_whom() -> None:
    before = holding(lot(1, 5), lot(2, 3))
    posting = spend(before, job_post(6), ACTOR, NOW, GRANTING_60)
    entry = posting.entry
    assert (entry.sequence, entry.kind, entry.connects) == (3, EntryKind.SPEND, -6)
    assert (entry.available_after, entry.held_after, entry.created_at) == (2, 0, NOW)
    assert (entry.action, entry.subject_id) == (ConnectsAction.POST_JOB, JOB)
    assert (entry.actor_id, entry.prev_hash) == (ACTOR, before.wallet.head_hash)
    assert posting.draws == (Draw(ACCOUNT, 3, 1, 5), Draw(ACCOUNT, 3, 2, 1))
    assert entry.hash == entry_hash(entry, None, posting.draws)
    assert posting.brought is None


def test_a_spend_leaves_the_wallet_at_its_entry() -> None:
    after = spend(holding(lot(1, 5), lot(2, 3)), job_post(6), ACTOR, NOW, GRANTING_60)
    wallet = after.holdings.wallet
    assert (wallet.available, wallet.held, wallet.sequence) == (2, 0, 3)
    assert (wallet.head_hash, wallet.updated_at) == (after.entry.hash, NOW)
    assert remaining(after.holdings) == [(2, 2)]


def test_the_earliest_expiring_lot_is_drawn_first() -> None:
    posting = spend(
        holding(lot(2, 5, SOON), lot(1, 5, LATER)), job_post(3), ACTOR, NOW, GRANTING_60
    )
    assert remaining(posting.holdings) == [(2, 2), (1, 5)]


def test_of_lots_that_expire_together_the_oldest_is_drawn_first() -> None:
    posting = spend(holding(lot(1, 5, SOON), lot(2, 5, SOON)), job_post(3), ACTOR, NOW, GRANTING_60)
    assert remaining(posting.holdings) == [(1, 2), (2, 5)]


def test_the_draws_of_a_spend_stand_in_lot_order() -> None:
    posting = spend(
        holding(lot(2, 5, SOON), lot(1, 5, LATER)), job_post(7), ACTOR, NOW, GRANTING_60
    )
    assert posting.draws == (Draw(ACCOUNT, 3, 1, 2), Draw(ACCOUNT, 3, 2, 5))
    assert posting.entry.hash == entry_hash(posting.entry, None, sorted(posting.draws))


def test_a_spend_of_the_exact_balance_leaves_nothing() -> None:
    posting = spend(holding(lot(1, 5), lot(2, 3)), job_post(8), ACTOR, NOW, GRANTING_60)
    assert posting.holdings.wallet.available == 0
    assert posting.holdings.lots == ()
    assert posting.holdings.wallet.next_event_at == NEXT_GRANT
    assert [each.remaining for each in posting.touched] == [0, 0]


@pytest.mark.parametrize(
    ("available", "required"), [(0, 1), (1, 2), (7, 50)], ids=["empty", "one short", "far short"]
)
def test_too_little_is_refused_with_all_that_helps(available: int, required: int) -> None:
    lots = [lot(1, available)] if available else []
    wallet = holding(*lots, kind=AccountKind.AGENCY)
    with pytest.raises(InsufficientConnects) as refused:
        spend(wallet, job_post(required), ACTOR, NOW, GRANTING_60)
    refusal = refused.value
    assert (refusal.required, refusal.available) == (required, available)
    assert refusal.shortfall == required - available
    assert refusal.account_kind == AccountKind.AGENCY
    assert (refusal.next_grant_connects, refusal.next_grant_at) == (60, NEXT_GRANT)
    assert (str(required) in refusal.message, str(available) in refusal.message) == (True, True)


@pytest.mark.parametrize("prices", [GRANTING_NOTHING, granting(0)], ids=["no rule", "rule of 0"])
def test_where_nothing_is_granted_the_refusal_names_no_grant(prices: PriceList) -> None:
    with pytest.raises(InsufficientConnects) as refused:
        spend(holding(), job_post(1), ACTOR, NOW, prices)
    assert (refused.value.next_grant_connects, refused.value.next_grant_at) == (None, None)


@pytest.mark.parametrize(
    ("changes_at", "connects"), [(NEXT_GRANT, 30), (NEXT_GRANT + 1, 60)], ids=["by then", "after"]
)
def test_the_upcoming_grant_is_what_the_list_will_say_then(changes_at: int, connects: int) -> None:
    rules = (GrantRule("CLIENT", 60, 12, 0), GrantRule("CLIENT", 30, 12, changes_at))
    assert upcoming_grant(holding().wallet, PriceList((), rules)) == (connects, NEXT_GRANT)


def test_a_purchase_is_one_entry_with_a_lot() -> None:
    before = holding(lot(1, 5))
    posting = credit(before, purchase(80), ACTOR, NOW)
    entry = posting.entry
    assert (entry.sequence, entry.kind, entry.connects) == (2, EntryKind.PURCHASE, 80)
    assert (entry.available_after, entry.subject_id) == (85, PURCHASE)
    assert (entry.actor_id, entry.created_at, entry.action) == (ACTOR, NOW, None)
    assert entry.hash == entry_hash(entry, posting.brought, ())
    assert (posting.draws, posting.touched) == ((), ())
    assert posting.brought == Lot(
        account_id=ACCOUNT,
        sequence=2,
        source=LotSource.PURCHASE,
        granted=80,
        remaining=80,
        held=0,
        created_at=NOW,
        expires_at=add_months(NOW, 12),
        grant_month=None,
        purchase_id=PURCHASE,
    )


@pytest.mark.parametrize(
    ("lifetime_months", "order"),
    [(1, [3, 1, 2]), (12, [1, 3, 2]), (24, [1, 2, 3])],
    ids=["before all", "behind the older of the same expiry", "behind all"],
)
def test_a_new_lot_takes_its_place_in_the_drawing_order(
    lifetime_months: int, order: list[int]
) -> None:
    before = holding(lot(1, 1, add_months(NOW, 12)), lot(2, 1, add_months(NOW, 13)))
    posting = credit(before, purchase(1, lifetime_months), ACTOR, NOW)
    assert [each.sequence for each in posting.holdings.lots] == order


def test_there_is_room_up_to_the_limit() -> None:
    wallet = holding(lot(1, WALLET_LIMIT - 30)).wallet
    check_room(wallet, 20, 10)


@pytest.mark.parametrize(("held", "pending"), [(0, 0), (7, 0), (0, 5), (3, 2)])
def test_past_the_limit_there_is_no_room(held: int, pending: int) -> None:
    wallet = holding(lot(1, WALLET_LIMIT - 9 - held - pending)).wallet._replace(held=held)
    with pytest.raises(LimitExceeded) as refused:
        check_room(wallet, pending, 10)
    refusal = refused.value
    assert (refusal.limit, refusal.used) == (WALLET_LIMIT, WALLET_LIMIT - 9)
    assert refusal.resets_at is None


def test_what_was_paid_is_credited_past_the_limit() -> None:
    posting = credit(holding(lot(1, WALLET_LIMIT)), purchase(10), ACTOR, NOW)
    assert posting.holdings.wallet.available == WALLET_LIMIT + 10


@pytest.mark.parametrize(
    ("bought", "spent", "next_event_at"),
    [
        pytest.param([], 0, NEXT_GRANT, id="no lots"),
        pytest.param([(5, 12)], 0, NEXT_GRANT, id="a lot that outlives the next grant"),
        pytest.param([(5, 12), (5, 0)], 0, NOW, id="a lot that lapses before"),
        pytest.param([(5, 0), (5, 12)], 5, NEXT_GRANT, id="the lot that lapses before is drawn"),
        pytest.param([(5, 0), (5, 12)], 4, NOW, id="the lot that lapses before is half drawn"),
    ],
)
def test_the_next_event_is_the_earlier_of_grant_and_expiry(
    bought: list[tuple[int, int]], spent: int, next_event_at: int
) -> None:
    holdings = holding()
    for connects, lifetime_months in bought:
        holdings = credit(holdings, purchase(connects, lifetime_months), ACTOR, NOW).holdings
    if spent:
        holdings = spend(holdings, job_post(spent), ACTOR, NOW, GRANTING_60).holdings
    assert holdings.wallet.next_event_at == next_event_at


def test_a_spend_beyond_the_lots_at_hand_asks_for_more() -> None:
    partly = holding(lot(1, 5, SOON), lot(2, 5, LATER))._replace(
        lots=(lot(1, 5, SOON),), frontier=(SOON, 1)
    )
    assert spend(partly, job_post(5), ACTOR, NOW, GRANTING_60).holdings.wallet.available == 5
    with pytest.raises(MoreLotsNeeded):
        spend(partly, job_post(6), ACTOR, NOW, GRANTING_60)
    complete = with_all_lots(partly, [lot(2, 5, LATER)])
    assert complete.frontier is None
    assert remaining(spend(complete, job_post(6), ACTOR, NOW, GRANTING_60).holdings) == [(2, 4)]


def test_past_the_lots_at_hand_the_frontier_stands_in_as_the_next_event() -> None:
    partly = holding(lot(1, 5, SOON), lot(2, 5, LATER))._replace(
        lots=(lot(1, 5, SOON),), frontier=(SOON, 1)
    )
    drawn = spend(partly, job_post(5), ACTOR, NOW, GRANTING_60).holdings
    assert drawn.wallet.next_event_at == SOON
    assert with_all_lots(drawn, [lot(2, 5, LATER)]).wallet.next_event_at == LATER


@pytest.mark.parametrize(("lifetime_months", "at_hand"), [(1, [2, 1]), (13, [1])])
def test_a_new_lot_beyond_the_frontier_is_left_to_be_loaded(
    lifetime_months: int, at_hand: list[int]
) -> None:
    known = lot(1, 5)
    partly = holding(known, frontier=known.drawing_order)
    posting = credit(partly, purchase(5, lifetime_months), ACTOR, NOW)
    assert [each.sequence for each in posting.holdings.lots] == at_hand
    assert posting.holdings.wallet.available == 10
    assert posting.brought is not None


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda h: spend(h, job_post(3), ACTOR, NOW, GRANTING_60), id="spend"),
        pytest.param(lambda h: spend(h, job_post(9), ACTOR, NOW, GRANTING_60), id="refused spend"),
        pytest.param(lambda h: credit(h, purchase(3), ACTOR, NOW), id="credit"),
    ],
)
def test_a_posting_leaves_what_it_was_given_as_it_was(act: Act) -> None:
    given = holding(lot(1, 3, SOON), lot(2, 5, LATER))
    before = deepcopy(given)
    with suppress(Refusal):
        act(given)
    assert given == before
