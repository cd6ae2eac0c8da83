"""Random histories of a wallet, and what they left behind."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from models.rules.actions import ConnectsAction
from models.rules.facts import Draw, Entry, Lot
from models.rules.instants import DAY, start_of_month
from models.rules.kinds import AccountKind
from models.rules.lots import MoreLotsNeeded
from models.rules.postings import (
    Credit,
    Holdings,
    Posting,
    Spend,
    book_due,
    credit,
    open_wallet,
    spend,
    with_all_lots,
)
from models.rules.prices import PriceList
from models.rules.refusals import InsufficientConnects
from tests.models.rules.samples import ACCOUNT, ACTOR, NOW, granting

Movement = Credit | Spend


class Step(NamedTuple):
    """Time that passes, then a movement, if any."""

    wait: int
    movement: Movement | None


def _credit(connects: int, lifetime_months: int, number: int) -> Credit:
    return Credit(connects, lifetime_months, UUID(int=number))


def _spend(connects: int, number: int) -> Spend:
    return Spend(connects, ConnectsAction.INVITE_FREELANCER, UUID(int=number))


_numbers = st.integers(min_value=1, max_value=2**32)
_connects = st.one_of(st.sampled_from([1, 30, 60]), st.integers(min_value=1, max_value=90))
_lifetimes = st.integers(min_value=1, max_value=15)
_waits = st.one_of(
    st.just(0),
    st.integers(min_value=1, max_value=3 * DAY),
    st.integers(min_value=1, max_value=400).map(lambda days: days * DAY),
)
_movements = st.one_of(
    st.none(),
    st.builds(_credit, _connects, _lifetimes, _numbers),
    st.builds(_spend, _connects, _numbers),
)

STEPS: Final = st.lists(st.builds(Step, _waits, _movements), max_size=25)
PRICES: Final = st.builds(granting, st.sampled_from([0, 1, 60]), _lifetimes)


@dataclass
class History:
    """A wallet as it stands, and everything that was posted to it."""

    prices: PriceList
    now: int = NOW
    postings: list[Posting] = field(default_factory=list)
    lots: dict[int, Lot] = field(default_factory=dict)
    holdings: Holdings = field(init=False)

    def __post_init__(self) -> None:
        self.holdings, postings = open_wallet(ACCOUNT, AccountKind.CLIENT, self.prices, self.now)
        self._record(postings)

    @property
    def entries(self) -> list[Entry]:
        return [posting.entry for posting in self.postings]

    @property
    def draws(self) -> list[Draw]:
        return [draw for posting in self.postings for draw in posting.draws]

    @property
    def live_lots(self) -> tuple[Lot, ...]:
        live = (lot for lot in self.lots.values() if lot.remaining)
        return tuple(sorted(live, key=lambda lot: lot.drawing_order))

    @property
    def next_event_at(self) -> int:
        grant_at = start_of_month(self.holdings.wallet.last_grant_month + 1)
        return min([grant_at, *(lot.expires_at for lot in self.live_lots)])

    def take(self, step: Step) -> None:
        """Books what is due, then moves; a wallet with too little is left as it was."""
        self.wait(step.wait)
        if step.movement is None:
            return
        try:
            posting = self._move(step.movement)
        except InsufficientConnects:
            return
        except MoreLotsNeeded:
            self._load_all_lots()
            posting = self._move(step.movement)
        self.holdings = posting.holdings
        self._record([posting])

    def wait(self, microseconds: int) -> None:
        self.now += microseconds
        try:
            holdings, postings = book_due(self.holdings, self.prices, self.now)
        except MoreLotsNeeded:
            self._load_all_lots()
            holdings, postings = book_due(self.holdings, self.prices, self.now)
        self.holdings = holdings
        self._record(postings)

    def keep_at_hand(self, number: int) -> None:
        """Leaves only the first `number` live lots at hand, as a new transaction would."""
        lots = self.live_lots[:number]
        frontier = lots[-1].drawing_order if len(lots) == number else None
        self.holdings = Holdings(self.holdings.wallet, lots, frontier)

    def _move(self, movement: Movement) -> Posting:
        if isinstance(movement, Credit):
            return credit(self.holdings, movement, ACTOR, self.now)
        return spend(self.holdings, movement, ACTOR, self.now, self.prices)

    def _load_all_lots(self) -> None:
        frontier = self.holdings.frontier
        assert frontier is not None, "all lots were at hand, and yet more were asked for"
        beyond = [lot for lot in self.live_lots if lot.drawing_order > frontier]
        self.holdings = with_all_lots(self.holdings, beyond)

    def _record(self, postings: list[Posting]) -> None:
        self.postings += postings
        for posting in postings:
            brought = [posting.brought] if posting.brought else []
            self.lots.update({lot.sequence: lot for lot in (*brought, *posting.touched)})


def history(prices: PriceList, steps: list[Step]) -> History:
    """What `steps` lead to."""
    made = History(prices)
    for step in steps:
        made.take(step)
    return made


def halves(step: Step) -> list[Step]:
    """`step` with a touch of the wallet half way through its waiting."""
    first = step.wait // 2
    return [Step(first, None), step._replace(wait=step.wait - first)]
