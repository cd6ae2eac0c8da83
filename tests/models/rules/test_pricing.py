"""What each action costs each kind of account."""

from itertools import product

import pytest

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind
from models.rules.prices import CostRule, PriceList
from models.rules.pricing import check_expected, price_of
from models.rules.refusals import InvalidInput, NotAllowed, PriceChanged
from tests.models.rules.default_prices import DEFAULT_PRICES
from tests.models.rules.samples import NOW

POST, PROPOSE, INVITE, CONTACT, BOOST = ConnectsAction
CLIENT, FREELANCER, AGENCY = AccountKind

FIXED = {
    (POST, CLIENT): 1,
    (POST, AGENCY): 5,
    (PROPOSE, FREELANCER): 1,
    (PROPOSE, AGENCY): 5,
    (CONTACT, CLIENT): 1,
    (CONTACT, AGENCY): 1,
}
CHOSEN = [(INVITE, CLIENT), (INVITE, AGENCY)]
UNLIMITED = [(BOOST, FREELANCER), (BOOST, AGENCY)]
REFUSED = {
    (POST, FREELANCER): "A freelancer account cannot post jobs.",
    (PROPOSE, CLIENT): "A client account cannot submit proposals.",
    (INVITE, FREELANCER): "A freelancer account cannot invite freelancers.",
    (CONTACT, FREELANCER): "A freelancer account cannot unlock contact details.",
    (BOOST, CLIENT): "A client account cannot boost proposals.",
}


def choosing(least: int, most: int | None) -> PriceList:
    return PriceList((CostRule(INVITE, CLIENT, least, True, most, 0),), ())


def test_the_tables_name_every_case_once() -> None:
    assert sorted([*FIXED, *CHOSEN, *UNLIMITED, *REFUSED]) == sorted(
        product(ConnectsAction, AccountKind)
    )


@pytest.mark.parametrize(("action", "kind"), UNLIMITED)
def test_a_boost_is_of_one_connect_or_more(action: ConnectsAction, kind: AccountKind) -> None:
    for chosen in (1, 2**31 - 1):
        assert price_of(DEFAULT_PRICES, action, kind, NOW, chosen) == chosen
    with pytest.raises(InvalidInput, match="must be at least 1, not 0"):
        price_of(DEFAULT_PRICES, action, kind, NOW, 0)


@pytest.mark.parametrize("chosen", [None, 0, 7], ids=lambda chosen: f"chosen {chosen}")
@pytest.mark.parametrize(("action", "kind", "connects"), [(*case, FIXED[case]) for case in FIXED])
def test_a_fixed_price_is_what_the_list_says(
    action: ConnectsAction, kind: AccountKind, connects: int, chosen: int | None
) -> None:
    assert price_of(DEFAULT_PRICES, action, kind, NOW, chosen) == connects


@pytest.mark.parametrize(("action", "kind"), CHOSEN)
@pytest.mark.parametrize("chosen", range(1, 51))
def test_an_invitation_costs_what_the_payer_chooses(
    action: ConnectsAction, kind: AccountKind, chosen: int
) -> None:
    assert price_of(DEFAULT_PRICES, action, kind, NOW, chosen) == chosen


@pytest.mark.parametrize(("action", "kind"), CHOSEN)
@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (0, "must be 1 to 50, not 0"),
        (51, "must be 1 to 50, not 51"),
        (-1, "must be 1 to 50, not -1"),
        (2**63, f"must be 1 to 50, not {2**63}"),
        (None, "choose how many, at least 1"),
    ],
    ids=["none at all", "one too many", "negative", "huge", "not chosen"],
)
def test_an_invitation_out_of_range_is_refused(
    action: ConnectsAction, kind: AccountKind, chosen: int | None, message: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        price_of(DEFAULT_PRICES, action, kind, NOW, chosen)
    (field,) = refused.value.fields
    assert (field.path, field.message) == (("connects",), message)


@pytest.mark.parametrize(
    ("action", "kind", "message"), [(*case, REFUSED[case]) for case in REFUSED]
)
@pytest.mark.parametrize("chosen", [None, 1], ids=lambda chosen: f"chosen {chosen}")
def test_what_the_list_has_no_rule_for_is_not_allowed(
    action: ConnectsAction, kind: AccountKind, message: str, chosen: int | None
) -> None:
    with pytest.raises(NotAllowed) as refused:
        price_of(DEFAULT_PRICES, action, kind, NOW, chosen)
    assert refused.value.message == message


def test_before_its_first_rule_an_action_is_not_allowed() -> None:
    with pytest.raises(NotAllowed):
        price_of(DEFAULT_PRICES, POST, CLIENT, -1)


@pytest.mark.parametrize(("at", "connects"), [(NOW - 1, 1), (NOW, 2)], ids=["before", "at"])
def test_a_new_price_is_asked_from_its_instant_on(at: int, connects: int) -> None:
    old, new = (CostRule(POST, CLIENT, n, False, None, since) for n, since in [(1, 0), (2, NOW)])
    assert price_of(PriceList((old, new), ()), POST, CLIENT, at) == connects


def test_without_a_maximum_any_number_from_the_least_on_can_be_chosen() -> None:
    prices = choosing(3, None)
    assert price_of(prices, INVITE, CLIENT, NOW, 1_000_000) == 1_000_000
    with pytest.raises(InvalidInput, match="must be at least 3, not 2"):
        price_of(prices, INVITE, CLIENT, NOW, 2)


def test_choosing_nothing_is_fine_where_the_least_is_nothing() -> None:
    assert price_of(choosing(0, 50), INVITE, CLIENT, NOW, 0) == 0


@pytest.mark.parametrize("expected", [None, 5], ids=["nothing was shown", "the same was shown"])
def test_the_price_that_was_expected_passes(expected: int | None) -> None:
    check_expected(5, expected)


@pytest.mark.parametrize(("actual", "expected"), [(5, 4), (4, 5), (5, 0), (0, 1)])
def test_a_price_other_than_expected_is_refused_with_both(actual: int, expected: int) -> None:
    with pytest.raises(PriceChanged) as refused:
        check_expected(actual, expected)
    assert (refused.value.expected, refused.value.actual) == (expected, actual)
