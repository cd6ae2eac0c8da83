"""The real ledger, driven at random, against a wallet kept on paper."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NamedTuple, Protocol, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.ledger.commands import Command, Posted
from models.ledger.ledger import Ledger
from models.rules.kinds import AccountKind
from models.rules.refusals import InsufficientConnects
from models.store.database import Database, open_database
from tests.books import book_of
from tests.clocks import ManualClock, instant
from tests.models.builders import (
    Holder,
    buying,
    opening,
    post_together,
    somebody,
    spending,
    touching,
)
from tests.models.ledger.paper import PaperWallet, at, months_later

T = TypeVar("T")

START = "2027-11-22T09:30:00+00:00"
END = instant("2036-01-01T00:00:00+00:00")
DAY = 24 * 60 * 60 * 1_000_000
MOST_HOLDERS = 4

connects = st.integers(1, 150) | st.integers(1, 5) | st.just(60)
lifetimes = st.sampled_from([1, 2, 3, 6, 12, 13, 24])
nearly = st.sampled_from([-1, 0, 1])


class Run(Protocol):
    """Runs a coroutine to its end, on the loop that the ledger lives on."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> T: ...


class Asked(NamedTuple):
    """A command that was posted, and its answer."""

    command: Command
    answer: Posted | InsufficientConnects


class LedgerMachine(RuleBasedStateMachine):
    holders: Bundle[Holder] = Bundle("holders")
    asked: Bundle[Asked] = Bundle("asked")

    def __init__(self, run: Run, database: Database) -> None:
        super().__init__()
        self._run = run
        self._database = database
        self._clock = ManualClock(instant(START))
        self._ledger = Ledger(database, self._clock)
        self._paper: dict[Holder, PaperWallet] = {}
        self._compared: dict[Holder, int] = {}
        self._run(self._started())

    async def _started(self) -> None:
        self._ledger.start()

    def teardown(self) -> None:
        self._run(self._ledger.close())
        for holder in self._paper:
            self._compare(holder)

    @initialize(target=holders, kind=st.sampled_from(AccountKind))
    def the_first_account(self, kind: AccountKind) -> Holder:
        return self._open(kind)

    @precondition(lambda self: len(self._paper) < MOST_HOLDERS)
    @rule(target=holders, kind=st.sampled_from(AccountKind))
    def open_account(self, kind: AccountKind) -> Holder:
        return self._open(kind)

    @rule(target=asked, holder=holders, connects=connects)
    def spend(self, holder: Holder, connects: int) -> Asked:
        return self._post(spending(holder, connects), self._spent(holder, connects))

    @rule(target=asked, holder=holders)
    def spend_everything(self, holder: Holder) -> Asked:
        self._paper[holder].touch(self._now)
        connects = self._paper[holder].available or 1
        return self._post(spending(holder, connects), self._spent(holder, connects))

    @rule(target=asked, holder=holders, connects=connects, months=lifetimes)
    def buy(self, holder: Holder, connects: int, months: int) -> Asked:
        self._paper[holder].buy(connects, months, self._now)
        return self._post(buying(holder, connects, lifetime_months=months), True)

    @rule(holder=holders, times=st.integers(10, 20), months=lifetimes)
    def buy_many_small_lots(self, holder: Holder, times: int, months: int) -> None:
        for _ in range(times):
            self._paper[holder].buy(1, months, self._now)

        commands = [buying(holder, 1, lifetime_months=months) for _ in range(times)]
        answers = self._run(post_together(self._ledger, commands))

        assert all(isinstance(answer, Posted) for answer in answers)

    @rule(
        target=asked, one=holders, other=holders, costs=st.lists(connects, min_size=2, max_size=30)
    )
    def spend_in_a_burst(self, one: Holder, other: Holder, costs: list[int]) -> Any:
        payers = [(one if number % 2 else other, cost) for number, cost in enumerate(costs)]
        enough = [self._spent(payer, cost) for payer, cost in payers]
        commands = [spending(payer, cost) for payer, cost in payers]

        answers = self._run(post_together(self._ledger, commands))

        asked = map(self._checked, commands, answers, enough)
        return multiple(*list(asked)[:2])

    @rule(earlier=asked)
    def ask_again(self, earlier: Asked) -> None:
        (again,) = self._run(post_together(self._ledger, [earlier.command]))

        first = earlier.answer
        if isinstance(first, Posted):
            assert again == Posted(*first[:3], replayed=True)
        else:
            assert isinstance(again, InsufficientConnects)
            assert again.details() == first.details()

    @rule(holder=holders)
    def look(self, holder: Holder) -> None:
        self._paper[holder].touch(self._now)
        self._run(self._ledger.post(touching(holder)))

    @rule(offset=nearly)
    def time_comes_to_the_end_of_the_month(self, offset: int) -> None:
        first = self._now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        self._move(_instant(months_later(first, 1)) + offset)

    @rule(holder=holders, which=st.integers(0, 3), offset=nearly)
    def time_comes_to_where_a_lot_lapses(self, holder: Holder, which: int, offset: int) -> None:
        expiries = sorted({expires for _, expires, _ in self._paper[holder].holds})
        if which < len(expiries):
            self._move(_instant(expiries[which]) + offset)

    @rule()
    def time_comes_to_the_leap_day(self) -> None:
        leap = min(year for year in range(2028, 2037, 4) if _leap_day(year) > self._clock.now)
        self._move(_leap_day(leap))

    @rule(microseconds=st.integers(0, 40 * DAY))
    def time_passes(self, microseconds: int) -> None:
        self._move(self._clock.now + microseconds)

    @rule(months=st.integers(10, 18))
    def everybody_is_away_for_long(self, months: int) -> None:
        self._move(_instant(months_later(self._now, months)))

    @rule(microseconds=st.integers(1, 2 * DAY))
    def the_clock_is_set_back(self, microseconds: int) -> None:
        self._clock.now -= microseconds

    @invariant()
    def the_books_are_as_on_paper(self) -> None:
        for holder, paper in self._paper.items():
            if self._compared.get(holder) != paper.lines:
                self._compare(holder)
                self._compared[holder] = paper.lines

    def _compare(self, holder: Holder) -> None:
        paper = self._paper[holder]
        book = self._run(book_of(self._database, holder.account_id))
        assert book.wallet.available == paper.available
        assert book.wallet.sequence == paper.lines
        assert at(book.wallet.updated_at) == paper.latest
        held = [(lot.sequence, at(lot.expires_at), lot.remaining) for lot in book.live_lots]
        assert held == paper.holds

    @property
    def _now(self) -> Any:
        return at(self._clock.now)

    def _move(self, instant: int) -> None:
        self._clock.now = min(instant, END)

    def _open(self, kind: AccountKind) -> Holder:
        holder = somebody(kind)
        self._paper[holder] = PaperWallet(self._now)
        self._run(self._ledger.post(opening(holder)))
        return holder

    def _spent(self, holder: Holder, connects: int) -> bool:
        return self._paper[holder].spend(connects, self._now)

    def _post(self, command: Command, enough: bool) -> Asked:
        (answer,) = self._run(post_together(self._ledger, [command]))
        return self._checked(command, answer, enough)

    def _checked(self, command: Command, answer: Posted | BaseException, enough: bool) -> Asked:
        if enough:
            assert isinstance(answer, Posted)
            assert not answer.replayed
        else:
            assert isinstance(answer, InsufficientConnects)
        return Asked(command, answer)


def _instant(moment: Any) -> int:
    return instant(moment.isoformat())


def _leap_day(year: int) -> int:
    return instant(f"{year}-02-29T23:59:59.999999+00:00")


def drive(url: str, *, examples: int, steps: int) -> None:
    """Runs the machine on the database at `url`. The same examples in every run."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    with asyncio.Runner() as runner:
        database = runner.run(open_database(url))

        class Machine(LedgerMachine):
            def __init__(self) -> None:
                super().__init__(runner.run, database)

        try:
            run_state_machine_as_test(Machine, settings=chosen)
        finally:
            runner.run(database.close())


@pytest.mark.slow
def test_the_ledger_says_what_the_paper_says(database_url: str) -> None:
    drive(database_url, examples=60, steps=30)


@pytest.mark.slow
def test_the_ledger_says_what_the_paper_says_for_long(database_url: str) -> None:
    drive(database_url, examples=300, steps=50)
