"""The price list: what is in force at an instant."""

from uuid import UUID

import pytest

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind
from models.rules.prices import (
    CostRule,
    GrantRule,
    Package,
    PriceList,
    in_force,
    packages_on_sale,
)
from tests.models.rules.default_prices import DEFAULT_PACKAGES, DEFAULT_PRICES
from tests.models.rules.samples import NOW

CHANGE = NOW
POST_JOB, CLIENT, AGENCY = ConnectsAction.POST_JOB, AccountKind.CLIENT, AccountKind.AGENCY


def job_price(connects: int, effective_from: int, kind: AccountKind = CLIENT) -> CostRule:
    return CostRule(POST_JOB, kind, connects, False, None, effective_from)


def package(connects: int, effective_from: int, on_sale: bool = True, price: int = 15) -> Package:
    kinds = tuple(AccountKind)
    return Package(UUID(int=1), connects, price, "USD", kinds, 12, on_sale, effective_from)


OLD_AND_NEW = [job_price(1, 0), job_price(2, CHANGE), job_price(3, CHANGE + 10)]


@pytest.mark.parametrize("rules", [OLD_AND_NEW, OLD_AND_NEW[::-1]], ids=["in order", "reversed"])
@pytest.mark.parametrize(
    ("at", "connects"),
    [
        pytest.param(-1, None, id="before the first rule"),
        pytest.param(0, 1, id="at the first rule"),
        pytest.param(CHANGE - 1, 1, id="one microsecond before the change"),
        pytest.param(CHANGE, 2, id="at the change"),
        pytest.param(CHANGE + 9, 2, id="one microsecond before the next change"),
        pytest.param(CHANGE + 10, 3, id="at the next change"),
        pytest.param(CHANGE * 2, 3, id="long after"),
    ],
)
def test_a_price_change_takes_over_at_its_instant(
    rules: list[CostRule], at: int, connects: int | None
) -> None:
    prices = PriceList(tuple(rules), ())
    rule = prices.cost_rule(POST_JOB, CLIENT, at)
    assert (rule and rule.connects) == connects
    assert in_force(rules, at) == rule


@pytest.mark.parametrize(("at", "connects"), [(CHANGE - 1, 60), (CHANGE, 0)])
def test_a_grant_change_takes_over_at_its_instant(at: int, connects: int) -> None:
    rules = (GrantRule(CLIENT, 60, 12, 0), GrantRule(CLIENT, 0, 12, CHANGE))
    rule = PriceList((), rules).grant_rule(CLIENT, at)
    assert rule is not None
    assert rule.connects == connects


def test_a_change_for_one_account_kind_leaves_the_others() -> None:
    prices = PriceList((job_price(1, 0), job_price(5, 0, AGENCY), job_price(9, 5, AGENCY)), ())
    assert [rule.connects for rule in prices.cost_rules_in_force(5)] == [1, 9]


def test_a_change_for_one_action_leaves_the_others() -> None:
    contact = CostRule(ConnectsAction.CONTACT_FREELANCER, CLIENT, 7, False, None, 5)
    prices = PriceList((job_price(1, 0), contact), ())
    assert [rule.connects for rule in prices.cost_rules_in_force(5)] == [1, 7]


def test_the_rules_in_force_stand_in_a_fixed_order() -> None:
    found = DEFAULT_PRICES.cost_rules_in_force(NOW)
    backwards = PriceList(DEFAULT_PRICES.cost_rules[::-1], ()).cost_rules_in_force(NOW)
    assert found == backwards
    assert set(found) == set(DEFAULT_PRICES.cost_rules)


def test_an_empty_price_list_has_no_rules() -> None:
    empty = PriceList((), ())
    assert empty.cost_rules_in_force(NOW) == []
    assert empty.grant_rule(CLIENT, NOW) is None
    assert packages_on_sale([], NOW) == []


@pytest.mark.parametrize("kind", AccountKind)
def test_by_default_every_account_kind_is_granted_60_that_live_12_months(kind: AccountKind) -> None:
    rule = DEFAULT_PRICES.grant_rule(kind, NOW)
    assert rule is not None
    assert (rule.connects, rule.lifetime_months) == (60, 12)


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        (AccountKind.CLIENT, [10, 20, 40, 60, 80]),
        (AccountKind.FREELANCER, [10, 20, 40, 60, 80]),
        (AccountKind.AGENCY, [10, 20, 40, 60, 80, 150, 300]),
    ],
)
def test_by_default_these_packages_are_on_sale(kind: AccountKind, sizes: list[int]) -> None:
    on_sale = packages_on_sale(DEFAULT_PACKAGES, NOW)
    assert [each.connects for each in on_sale if kind in each.for_kinds] == sizes


@pytest.mark.parametrize("each", DEFAULT_PACKAGES, ids=lambda each: f"{each.connects} Connects")
def test_by_default_a_connect_costs_15_cents_and_lives_12_months(each: Package) -> None:
    assert (each.price_minor, each.currency) == (15 * each.connects, "USD")
    assert each.lifetime_months == 12


@pytest.mark.parametrize(
    ("at", "on_sale"),
    [
        pytest.param(9, [], id="before it comes"),
        pytest.param(10, [15], id="as it comes"),
        pytest.param(19, [15], id="before its price changes"),
        pytest.param(20, [12], id="as its price changes"),
        pytest.param(29, [12], id="before it goes"),
        pytest.param(30, [], id="as it goes"),
        pytest.param(39, [], id="before it comes back"),
        pytest.param(40, [14], id="as it comes back"),
    ],
)
def test_packages_come_and_go_at_their_instants(at: int, on_sale: list[int]) -> None:
    versions = [
        package(10, 40, price=14),
        package(10, 10),
        package(10, 30, on_sale=False),
        package(10, 20, price=12),
    ]
    assert [each.price_minor for each in packages_on_sale(versions, at)] == on_sale


def test_packages_stand_smallest_first() -> None:
    shuffled = [package(connects, 0) for connects in (60, 300, 10, 150)]
    assert [each.connects for each in packages_on_sale(shuffled, 0)] == [10, 60, 150, 300]


def test_a_package_that_goes_leaves_the_others() -> None:
    packages = [package(10, 0), package(20, 0), package(10, 5, on_sale=False)]
    assert [each.connects for each in packages_on_sale(packages, 5)] == [20]


def test_versions_are_per_size_currency_and_kinds() -> None:
    everyone = package(10, 0)
    others = [
        everyone._replace(id=UUID(int=2), currency="EUR", effective_from=5),
        everyone._replace(id=UUID(int=3), for_kinds=(AGENCY,), effective_from=5),
        everyone._replace(id=UUID(int=4), for_kinds=(CLIENT,), on_sale=False, effective_from=5),
    ]

    on_sale = {each.id for each in packages_on_sale([everyone, *others], 5)}

    assert on_sale == {everyone.id, UUID(int=2), UUID(int=3)}


def test_the_order_of_its_kinds_makes_no_other_package() -> None:
    old = package(10, 0)
    new = old._replace(id=UUID(int=2), for_kinds=old.for_kinds[::-1], effective_from=5)

    assert packages_on_sale([old, new], 5) == [new]
