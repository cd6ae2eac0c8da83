"""Whatever is offered, raised and withdrawn: no Connect is lost, and nobody pays more than said."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from models.rules.actions import ConnectsAction
from models.rules.boosts import (
    LEADERS,
    LIFETIME,
    Bid,
    BoostState,
    Ending,
    ended,
    in_front,
    least_to_lead,
    place,
    state_at,
)
from models.rules.facts import Lot
from models.rules.instants import DAY
from models.rules.kinds import BoostStatus, JobStatus
from models.rules.postings import HeldConnects, Hold, Holdings, capture, hold, release
from models.rules.refusals import Conflict, InsufficientConnects
from tests.models.rules.samples import ACTOR, GRANTING_NOTHING, NOW, holding, lot

ACTION = ConnectsAction.SUBMIT_PROPOSAL
BIDDERS = 7
HAD = 60
CLOSES = NOW + LIFETIME


@dataclass
class Bidder:
    """A freelancer's wallet, the boost of their proposal, and all that they agreed to pay."""

    proposal_id: UUID
    holdings: Holdings = field(default_factory=lambda: holding(lot(1, 25), lot(2, 35)))
    parts: dict[int, int] = field(default_factory=dict)
    bid: Bid | None = None
    ended_at: int | None = None
    paid: int = 0

    def held(self) -> HeldConnects:
        lots: dict[int, Lot] = {each.sequence: each for each in self.holdings.lots}
        gone = {n: lot(n, HAD)._replace(remaining=0, held=self.parts[n]) for n in self.parts}
        return HeldConnects(
            ACTION,
            self.proposal_id,
            tuple((lots.get(n, gone[n]), part) for n, part in self.parts.items()),
        )

    def set_aside(self, connects: int, now: int) -> None:
        what = Hold(connects, ACTION, self.proposal_id)
        posting = hold(self.holdings, what, ACTOR, now, GRANTING_NOTHING)
        for draw in posting.draws:
            self.parts[draw.lot_sequence] = self.parts.get(draw.lot_sequence, 0) + draw.connects
        self.holdings = posting.holdings

    def end(self, status: BoostStatus, at: int) -> None:
        assert self.bid is not None
        held = self.held()
        assert held.connects == self.bid.connects
        if status is BoostStatus.CHARGED:
            self.holdings = capture(self.holdings, held, at).holdings
            self.paid += held.connects
        else:
            self.holdings = release(self.holdings, held, None, at).holdings
        self.parts = {}
        self.bid, self.ended_at = self.bid._replace(status=status), at


class Auction:
    def __init__(self) -> None:
        self.bidders = [Bidder(UUID(int=number)) for number in range(1, BIDDERS + 1)]
        self.now = NOW

    @property
    def bids(self) -> list[Bid]:
        return [bidder.bid for bidder in self.bidders if bidder.bid is not None]

    def offer(self, number: int, connects: int) -> None:
        bidder = self.bidders[number]
        before = (list(self.bids), bidder.holdings)
        least = least_to_lead(self.bids, bidder.proposal_id)
        try:
            placed = place(self.bids, bidder.proposal_id, connects, self.now)
        except Conflict:
            assert connects < least
            assert (self.bids, bidder.holdings) == before
            return
        assert connects >= least
        already = sum(bidder.parts.values())
        try:
            bidder.set_aside(connects - already, self.now)
        except InsufficientConnects:
            assert (self.bids, bidder.holdings) == before
            return
        bidder.bid = placed.bid
        if placed.outbid is not None:
            assert placed.outbid.connects < connects
            out = next(b for b in self.bidders if b.proposal_id == placed.outbid.proposal_id)
            out.end(BoostStatus.OUTBID, self.now)

    def withdraw(self, number: int) -> None:
        bidder = self.bidders[number]
        if bidder.bid is not None and bidder.bid.status is BoostStatus.LEADING:
            bidder.end(BoostStatus.RELEASED, self.now)

    def finish(self, how: str) -> None:
        at = CLOSES if how == "close" else self.now
        for bidder in self.bidders:
            if bidder.bid is None or bidder.bid.status is not BoostStatus.LEADING:
                continue
            stored = BoostState(bidder.bid.status, bidder.ended_at)
            ending = Ending(CLOSES, NOW + 30 * DAY, JobStatus.OPEN)
            if how == "close":
                after = state_at(stored, ending, at)
            else:
                after = ended(stored, ending, at, hired=how == "award")
            assert after.ended_at == at
            bidder.end(after.status, at)

    def check(self) -> None:
        for bidder in self.bidders:
            wallet = bidder.holdings.wallet
            assert wallet.available + wallet.held + bidder.paid == HAD
            assert wallet.available == sum(each.remaining for each in bidder.holdings.lots)
            assert wallet.held == sum(bidder.parts.values())
            leads = bidder.bid is not None and bidder.bid.status is BoostStatus.LEADING
            assert wallet.held == (bidder.bid.connects if leads and bidder.bid else 0)
        leaders = in_front(self.bids)
        assert len(leaders) <= LEADERS
        outbid = [bid.connects for bid in self.bids if bid.status is BoostStatus.OUTBID]
        assert all(bid.connects >= most for bid in leaders for most in outbid)


bidder = st.integers(0, BIDDERS - 1)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), bidder, st.integers(1, 70)),
        st.tuples(st.just("lead"), bidder, st.integers(-1, 2)),
        st.tuples(st.just("withdraw"), bidder, st.just(0)),
        st.tuples(st.just("wait"), st.just(0), st.integers(0, LIFETIME // 40)),
    ),
    max_size=40,
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, BIDDERS), moves, st.sampled_from(["close", "award", "cancel"]))
def test_no_connect_is_lost_and_nobody_pays_more_than_they_said(
    crowd: int, made: list[tuple[Any, ...]], how: str
) -> None:
    auction = Auction()
    said: dict[UUID, int] = {}
    for move, number, value in [*(("offer", n, 10 + n) for n in range(crowd)), *made]:
        own = auction.bidders[number]
        if move == "offer":
            auction.offer(number, value)
        elif move == "lead":
            auction.offer(number, max(1, least_to_lead(auction.bids, own.proposal_id) + value))
        elif move == "withdraw":
            auction.withdraw(number)
        else:
            auction.now += value
        if own.bid is not None:
            said[own.proposal_id] = own.bid.connects
        auction.check()
    led = {bid.proposal_id for bid in in_front(auction.bids)}

    auction.finish(how)

    auction.check()
    charged = {each.proposal_id: each.paid for each in auction.bidders if each.paid}
    assert set(charged) == (set() if how == "cancel" else led)
    assert len(charged) <= LEADERS
    assert all(paid == said[proposal_id] for proposal_id, paid in charged.items())
    assert all(bidder.holdings.wallet.held == 0 for bidder in auction.bidders)
