"""Postings: how a wallet changes, one entry at a time.

Values in, values out: a posting takes holdings and returns new ones. A refusal is raised before
anything is returned, so it changes nothing by construction.
"""

from bisect import insort
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from models.rules.actions import ConnectsAction
from models.rules.facts import GENESIS, Draw, Entry, Lot, PastSpend, Wallet
from models.rules.hashchain import entry_hash
from models.rules.instants import FOREVER, add_months, month_of, start_of_month
from models.rules.kinds import AccountKind, EntryKind, LotSource
from models.rules.lots import MoreLotsNeeded, draw
from models.rules.prices import PriceList
from models.rules.refusals import InsufficientConnects, LimitExceeded, in_words

WALLET_LIMIT: Final = 1_000_000_000
"""More than this is never sold to a wallet, so that its sums stay within a 32-bit integer.

Grants and returns may take it past the limit: they are far too small to reach 2^31.
"""


class Return(NamedTuple):
    """Connects (1 or more) to return from what was spent on `subject_id`."""

    connects: int
    subject_id: UUID


class PendingReturn(NamedTuple):
    """A return that is due at the instant `at` unless something prevents it before."""

    at: int
    what: Return
    spent: PastSpend


class Holdings(NamedTuple):
    """A wallet with its live lots in drawing order.

    `frontier` is the drawing order of the last loaded lot if the wallet may have more; later lots
    are not in `lots`. It is None if all are loaded. `returns` are all pending returns, next one
    first, if one is due; otherwise they may be missing.
    """

    wallet: Wallet
    lots: tuple[Lot, ...]
    frontier: tuple[int, int] | None = None
    returns: tuple[PendingReturn, ...] = ()


class Posting(NamedTuple):
    """An entry and everything it changed: `brought` is a new lot, `touched` are changed lots.

    `returned` is the subject of a pending return that became due.
    """

    holdings: Holdings
    entry: Entry
    draws: tuple[Draw, ...] = ()
    brought: Lot | None = None
    touched: tuple[Lot, ...] = ()
    returned: UUID | None = None


class Spend(NamedTuple):
    """Connects (1 or more) to spend on `action`, identified by `subject_id`."""

    connects: int
    action: ConnectsAction
    subject_id: UUID


class Hold(NamedTuple):
    """Connects (1 or more) to hold for `action` on `subject_id`."""

    connects: int
    action: ConnectsAction
    subject_id: UUID


class Release(NamedTuple):
    """Releases all Connects held for `subject_id`."""

    subject_id: UUID


class HeldConnects(NamedTuple):
    """The Connects held for `subject_id`: the lots in their current state, and each one's part."""

    action: str
    subject_id: UUID
    parts: tuple[tuple[Lot, int], ...]

    @property
    def connects(self) -> int:
        return sum(part for _, part in self.parts)


class Credit(NamedTuple):
    """Purchased Connects (1 or more) to credit as a lot that lives `lifetime_months`."""

    connects: int
    lifetime_months: int
    purchase_id: UUID


class UpcomingGrant(NamedTuple):
    connects: int
    at: int


def open_wallet(
    account_id: UUID, kind: AccountKind, prices: PriceList, at: int
) -> tuple[Holdings, list[Posting]]:
    """Opens a new account's wallet at instant `at`, including this month's grant."""
    wallet = Wallet(
        account_id=account_id,
        account_kind=kind,
        available=0,
        held=0,
        sequence=0,
        head_hash=GENESIS,
        next_event_at=at,
        last_grant_month=month_of(at) - 1,
        updated_at=at,
    )
    return _grant(Holdings(wallet, ()), prices, at)


def book_due(holdings: Holdings, prices: PriceList, now: int) -> tuple[Holdings, list[Posting]]:
    """Books every grant, expiry and return due at `now`, each at its own instant, in order.

    Each month is granted once, missed months are caught up, and expiries at the instant of a grant
    are booked before it. Raises MoreLotsNeeded if the next event, or a lot that something is
    returned to, is beyond the frontier.
    """
    postings: list[Posting] = []
    while holdings.wallet.next_event_at <= now:
        if not holdings.lots and holdings.frontier is not None:
            raise MoreLotsNeeded
        grant_at = start_of_month(holdings.wallet.last_grant_month + 1)
        return_at = holdings.returns[0].at if holdings.returns else FOREVER
        posting = None
        if holdings.lots and holdings.lots[0].expires_at <= min(grant_at, return_at, now):
            posting = _expire_first(holdings)
        elif return_at <= min(grant_at, now):
            posting = _return_first(holdings)
        if posting is not None:
            holdings = posting.holdings
            postings.append(posting)
        elif grant_at <= now:
            holdings, granted = _grant(holdings, prices, grant_at)
            postings += granted
        else:
            if holdings.wallet.next_return_at <= now:
                holdings = _with_next_return(holdings)
            holdings = _with_next_event(holdings)
    return holdings, postings


def spend(holdings: Holdings, what: Spend, actor_id: UUID, at: int, prices: PriceList) -> Posting:
    """Takes `what.connects` from the lots, earliest expiry first.

    `prices` gives the next grant for the refusal. Raises InsufficientConnects if the wallet has
    fewer, and MoreLotsNeeded if the loaded lots are not enough.
    """
    wallet = holdings.wallet
    if what.connects > wallet.available:
        raise insufficient(wallet, what.connects, prices)
    drawn = draw(holdings.lots, what.connects)
    entry = _entry(
        wallet,
        EntryKind.SPEND,
        -what.connects,
        at,
        action=what.action,
        subject_id=what.subject_id,
        actor_id=actor_id,
    )
    draws = tuple(
        Draw(wallet.account_id, entry.sequence, lot_sequence, connects)
        for lot_sequence, connects in sorted(drawn.taken)
    )
    return _posting(holdings, entry, lots=drawn.kept, draws=draws, touched=drawn.touched)


def credit(holdings: Holdings, what: Credit, actor_id: UUID | None, at: int) -> Posting:
    """Brings in bought Connects. They are paid for, so no limit applies; see `check_room`."""
    wallet = holdings.wallet
    entry = _entry(
        wallet,
        EntryKind.PURCHASE,
        what.connects,
        at,
        subject_id=what.purchase_id,
        actor_id=actor_id,
    )
    return _bring_in(
        holdings,
        entry,
        source=LotSource.PURCHASE,
        expires_at=add_months(at, what.lifetime_months),
        purchase_id=what.purchase_id,
    )


def give_back(
    holdings: Holdings, what: Return, spent: PastSpend, actor_id: UUID | None, at: int
) -> Posting:
    """Returns Connects to the lots they came from, last drawn first.

    Connects returned to an expired lot expire at the next `book_due`.
    """
    missing, parts = what.connects, []
    for lot, drawn in sorted(spent.parts, key=lambda part: part[0].drawing_order, reverse=True):
        part = min(drawn, missing)
        missing -= part
        if part:
            parts.append((lot._replace(remaining=lot.remaining + part), part))
    entry = _entry(
        holdings.wallet,
        EntryKind.RETURN,
        what.connects - missing,
        at,
        action=ConnectsAction(spent.action),
        subject_id=what.subject_id,
        actor_id=actor_id,
    )
    draws = sorted(Draw(lot.account_id, entry.sequence, lot.sequence, -part) for lot, part in parts)
    touched = tuple(lot for lot, _ in parts)
    lots = _with_lots(holdings, touched)
    return _posting(holdings, entry, lots=lots, draws=tuple(draws), touched=touched)


def hold(holdings: Holdings, what: Hold, actor_id: UUID, at: int, prices: PriceList) -> Posting:
    """Holds `what.connects`, drawn from the lots as a spend is. Raises what `spend` raises."""
    wallet = holdings.wallet
    if what.connects > wallet.available:
        raise insufficient(wallet, what.connects, prices)
    drawn = draw(holdings.lots, what.connects)
    taken = dict(drawn.taken)
    touched = tuple(lot._replace(held=lot.held + taken[lot.sequence]) for lot in drawn.touched)
    entry = _entry(
        wallet,
        EntryKind.HOLD,
        -what.connects,
        at,
        action=what.action,
        subject_id=what.subject_id,
        actor_id=actor_id,
        held=what.connects,
    )
    draws = tuple(Draw(wallet.account_id, entry.sequence, *part) for part in sorted(drawn.taken))
    lots = _with_lots(holdings, touched)
    return _posting(holdings, entry, lots=lots, draws=draws, touched=touched)


def release(holdings: Holdings, what: HeldConnects, actor_id: UUID | None, at: int) -> Posting:
    """Releases held Connects to the lots that they were drawn from.

    Those of an expired lot expire when `book_due` is called next.
    """
    connects = what.connects
    entry = _end_of_hold(holdings.wallet, EntryKind.RELEASE, connects, what, actor_id, at)
    touched = tuple(
        lot._replace(remaining=lot.remaining + part, held=lot.held - part)
        for lot, part in what.parts
    )
    draws = sorted(
        Draw(lot.account_id, entry.sequence, lot.sequence, -part) for lot, part in what.parts
    )
    lots = _with_lots(holdings, touched)
    return _posting(holdings, entry, lots=lots, draws=tuple(draws), touched=touched)


def capture(holdings: Holdings, what: HeldConnects, at: int) -> Posting:
    """Spends held Connects. They were drawn from the lots by the hold."""
    entry = _end_of_hold(holdings.wallet, EntryKind.CAPTURE, 0, what, None, at)
    touched = tuple(lot._replace(held=lot.held - part) for lot, part in what.parts)
    return _posting(holdings, entry, lots=_with_lots(holdings, touched), touched=touched)


def with_return(holdings: Holdings, at: int) -> Holdings:
    """Returns `holdings` to which a return may be made at the instant `at`."""
    wallet = holdings.wallet
    wallet = wallet._replace(next_return_at=min(wallet.next_return_at, at))
    return _with_next_event(holdings._replace(wallet=wallet))


def check_room(wallet: Wallet, pending: int, connects: int) -> None:
    """Raises LimitExceeded where a wallet has no room for `connects` more.

    To be asked before anything is charged: `pending` Connects are those of its purchases that are
    neither paid nor declined yet, and each of them may still be credited.
    """
    used = wallet.available + wallet.held + pending
    if used + connects > WALLET_LIMIT:
        raise LimitExceeded(
            f"A wallet holds at most {WALLET_LIMIT:,} Connects, pending purchases included.",
            limit=WALLET_LIMIT,
            used=used,
        )


def upcoming_grant(wallet: Wallet, prices: PriceList) -> UpcomingGrant | None:
    """Returns the next monthly grant by the price list; None if the kind gets none."""
    at = start_of_month(wallet.last_grant_month + 1)
    rule = prices.grant_rule(AccountKind(wallet.account_kind), at)
    return UpcomingGrant(rule.connects, at) if rule is not None and rule.connects else None


def insufficient(wallet: Wallet, required: int, prices: PriceList) -> InsufficientConnects:
    """Returns the refusal for a wallet with fewer than `required` Connects."""
    grant = upcoming_grant(wallet, prices)
    return InsufficientConnects(
        f"This costs {in_words(required)} and you have {wallet.available}.",
        required=required,
        available=wallet.available,
        account_kind=wallet.account_kind,
        next_grant_connects=grant.connects if grant else None,
        next_grant_at=grant.at if grant else None,
    )


def with_all_lots(holdings: Holdings, lots: Sequence[Lot]) -> Holdings:
    """Returns `holdings` with every live lot: `lots` are those beyond the frontier."""
    return _with_next_event(
        holdings._replace(
            lots=tuple(sorted((*holdings.lots, *lots), key=_drawing_order)), frontier=None
        )
    )


def _grant(holdings: Holdings, prices: PriceList, at: int) -> tuple[Holdings, list[Posting]]:
    month = holdings.wallet.last_grant_month + 1
    wallet = holdings.wallet._replace(last_grant_month=month)
    holdings = holdings._replace(wallet=wallet)
    rule = prices.grant_rule(AccountKind(wallet.account_kind), at)
    if rule is None or rule.connects == 0:
        return _with_next_event(holdings), []
    posting = _bring_in(
        holdings,
        _entry(wallet, EntryKind.GRANT, rule.connects, at),
        source=LotSource.MONTHLY_GRANT,
        expires_at=add_months(at, rule.lifetime_months),
        grant_month=month,
    )
    return posting.holdings, [posting]


def _expire_first(holdings: Holdings) -> Posting:
    lot, rest = holdings.lots[0], holdings.lots[1:]
    # Later than the lot's expiry if something was returned to it after that.
    at = max(lot.expires_at, holdings.wallet.updated_at)
    entry = _entry(holdings.wallet, EntryKind.EXPIRY, -lot.remaining, at)
    draws = (Draw(lot.account_id, entry.sequence, lot.sequence, lot.remaining),)
    return _posting(holdings, entry, lots=rest, draws=draws, touched=(lot._replace(remaining=0),))


def _return_first(holdings: Holdings) -> Posting:
    due, rest = holdings.returns[0], holdings.returns[1:]
    at = max(due.at, holdings.wallet.updated_at)
    spent = due.spent._replace(
        parts=tuple((_at_present(lot, holdings), part) for lot, part in due.spent.parts)
    )
    posting = give_back(
        _with_next_return(holdings._replace(returns=rest)), due.what, spent, None, at
    )
    return posting._replace(returned=due.what.subject_id)


def _at_present(lot: Lot, holdings: Holdings) -> Lot:
    """Returns `lot` as it is in `holdings`; a lot that is no longer live has nothing left."""
    if holdings.frontier is not None and lot.drawing_order > holdings.frontier:
        raise MoreLotsNeeded
    live = (each for each in holdings.lots if each.sequence == lot.sequence)
    return next(live, lot._replace(remaining=0))


def _end_of_hold(
    wallet: Wallet,
    kind: EntryKind,
    connects: int,
    what: HeldConnects,
    actor_id: UUID | None,
    at: int,
) -> Entry:
    return _entry(
        wallet,
        kind,
        connects,
        at,
        action=ConnectsAction(what.action),
        subject_id=what.subject_id,
        actor_id=actor_id,
        held=-what.connects,
    )


def _with_lots(holdings: Holdings, touched: Sequence[Lot]) -> tuple[Lot, ...]:
    """Returns the loaded live lots, with the `touched` ones in their current state."""
    names = {lot.sequence for lot in touched}
    lots = [lot for lot in holdings.lots if lot.sequence not in names]
    for lot in touched:
        near = holdings.frontier is None or lot.drawing_order <= holdings.frontier
        if lot.remaining and near:
            insort(lots, lot, key=_drawing_order)
    return tuple(lots)


def _with_next_return(holdings: Holdings) -> Holdings:
    at = holdings.returns[0].at if holdings.returns else FOREVER
    return holdings._replace(wallet=holdings.wallet._replace(next_return_at=at))


def _bring_in(
    holdings: Holdings,
    entry: Entry,
    *,
    source: LotSource,
    expires_at: int,
    grant_month: int | None = None,
    purchase_id: UUID | None = None,
) -> Posting:
    lot = Lot(
        account_id=entry.account_id,
        sequence=entry.sequence,
        source=source,
        granted=entry.connects,
        remaining=entry.connects,
        held=0,
        created_at=entry.created_at,
        expires_at=expires_at,
        grant_month=grant_month,
        purchase_id=purchase_id,
    )
    lots = list(holdings.lots)
    if holdings.frontier is None or lot.drawing_order < holdings.frontier:
        insort(lots, lot, key=_drawing_order)
    return _posting(holdings, entry, lots=tuple(lots), brought=lot)


def _entry(
    wallet: Wallet,
    kind: EntryKind,
    connects: int,
    at: int,
    *,
    action: ConnectsAction | None = None,
    subject_id: UUID | None = None,
    actor_id: UUID | None = None,
    held: int = 0,
) -> Entry:
    return Entry(
        account_id=wallet.account_id,
        sequence=wallet.sequence + 1,
        kind=kind,
        connects=connects,
        available_after=wallet.available + connects,
        held_after=wallet.held + held,
        action=action,
        subject_id=subject_id,
        actor_id=actor_id,
        created_at=at,
        prev_hash=wallet.head_hash,
        hash=b"",
    )


def _posting(
    holdings: Holdings,
    unhashed: Entry,
    *,
    lots: tuple[Lot, ...],
    draws: tuple[Draw, ...] = (),
    brought: Lot | None = None,
    touched: tuple[Lot, ...] = (),
) -> Posting:
    entry = unhashed._replace(hash=entry_hash(unhashed, brought, draws))
    wallet = holdings.wallet._replace(
        available=entry.available_after,
        held=entry.held_after,
        sequence=entry.sequence,
        head_hash=entry.hash,
        updated_at=entry.created_at,
    )
    after = _with_next_event(holdings._replace(wallet=wallet, lots=lots))
    return Posting(after, entry, draws, brought, touched)


def _with_next_event(holdings: Holdings) -> Holdings:
    """Beyond the loaded lots the frontier is used: no later lot expires before it."""
    wallet, lots, frontier, _ = holdings
    next_event_at = min(start_of_month(wallet.last_grant_month + 1), wallet.next_return_at)
    if lots:
        next_event_at = min(next_event_at, lots[0].expires_at)
    elif frontier is not None:
        next_event_at = min(next_event_at, frontier[0])
    if next_event_at == wallet.next_event_at:
        return holdings
    return holdings._replace(wallet=wallet._replace(next_event_at=next_event_at))


def _drawing_order(lot: Lot) -> tuple[int, int]:
    return lot.drawing_order
