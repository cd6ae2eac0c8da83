"""Prices that depend on a job: which of the cost rules whose conditions it meets applies."""

from itertools import permutations, product
from random import Random

import pytest

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind
from models.rules.prices import NO_TERMS, CostRule, JobTerms, PriceList
from models.rules.pricing import price_of
from models.rules.refusals import NotAllowed
from tests.models.rules.default_prices import DEFAULT_PRICES
from tests.models.rules.samples import NOW

POST, PROPOSE, INVITE = (
    ConnectsAction.POST_JOB,
    ConnectsAction.SUBMIT_PROPOSAL,
    ConnectsAction.INVITE_FREELANCER,
)
FREELANCER, AGENCY = AccountKind.FREELANCER, AccountKind.AGENCY
WEB = "web-design"


def rule(
    connects: int,
    category: str | None = None,
    currency: str | None = None,
    least: int | None = None,
    below: int | None = None,
    *,
    since: int = 0,
) -> CostRule:
    """The price of a proposal for a freelancer, under conditions."""
    conditions = (category, currency, least, below)
    return CostRule(PROPOSE, FREELANCER, connects, False, None, since, *conditions)


GENERAL = rule(1)
IN_USD = rule(2, None, "USD", 100, 200)
IN_WEB = rule(3, WEB)
WEB_IN_USD = rule(4, WEB, "USD", 100, 200)
RULES = (GENERAL, IN_USD, IN_WEB, WEB_IN_USD)


@pytest.mark.parametrize(
    ("terms", "connects"),
    [
        pytest.param(NO_TERMS, 1, id="no terms"),
        pytest.param(JobTerms("legal"), 1, id="another category"),
        pytest.param(JobTerms(None, "EUR", 150), 1, id="another currency"),
        pytest.param(JobTerms(None, "USD", 99), 1, id="less than the band"),
        pytest.param(JobTerms(None, "USD", 100), 2, id="the first of the band"),
        pytest.param(JobTerms(None, "USD", 199), 2, id="the last of the band"),
        pytest.param(JobTerms(None, "USD", 200), 1, id="more than the band"),
        pytest.param(JobTerms("legal", "USD", 150), 2, id="the band, another category"),
        pytest.param(JobTerms(WEB), 3, id="the category, no budget"),
        pytest.param(JobTerms(WEB, "USD", 200), 3, id="the category, another band"),
        pytest.param(JobTerms(WEB, "EUR", 150), 3, id="the category, another currency"),
        pytest.param(JobTerms(WEB, "USD", 150), 4, id="the category and the band"),
    ],
)
def test_the_most_specific_rule_that_a_job_meets_applies(terms: JobTerms, connects: int) -> None:
    for rules in permutations(RULES):
        assert price_of(PriceList(rules, ()), PROPOSE, FREELANCER, NOW, terms=terms) == connects


@pytest.mark.parametrize(
    ("budget", "connects"),
    [(1, 5), (99, 5), (100, 6), (2**53 - 1, 6)],
)
def test_a_band_may_have_one_end(budget: int, connects: int) -> None:
    prices = PriceList((rule(5, None, "USD", None, 100), rule(6, None, "USD", 100, None)), ())

    found = price_of(prices, PROPOSE, FREELANCER, NOW, terms=JobTerms(None, "USD", budget))

    assert found == connects


@pytest.mark.parametrize(
    ("loser", "winner"),
    [
        pytest.param(rule(1, since=NOW), rule(2, None, "USD"), id="a band over a newer general"),
        pytest.param(
            rule(1, None, "USD", 150, since=NOW), rule(2, WEB), id="a category over a newer band"
        ),
        pytest.param(rule(1, WEB, since=NOW), rule(2, WEB, "USD"), id="both over a newer category"),
        pytest.param(rule(1, WEB), rule(2, WEB, since=1), id="the newer one of a category"),
        pytest.param(
            rule(1, None, "USD", 149, 151),
            rule(2, None, "USD", since=1),
            id="the newer one of two bands, though it is wider",
        ),
        pytest.param(
            rule(1, None, "USD", 100, 160), rule(2, None, "USD", 101, 900), id="the higher start"
        ),
        pytest.param(
            rule(1, None, "USD", None, 160), rule(2, None, "USD", 2, 900), id="a start over none"
        ),
        pytest.param(
            rule(1, None, "USD", 100, 900), rule(2, None, "USD", 100, 899), id="the lower end"
        ),
        pytest.param(
            rule(1, None, "USD", 100), rule(2, None, "USD", 100, 900), id="an end over none"
        ),
    ],
)
def test_ties_are_decided_the_same_way_in_any_order(loser: CostRule, winner: CostRule) -> None:
    terms = JobTerms(WEB, "USD", 150)

    for rules in ((loser, winner), (winner, loser)):
        assert PriceList(rules, ()).cost_rule(PROPOSE, FREELANCER, NOW, terms) == winner


def test_a_rule_with_conditions_takes_over_at_its_instant() -> None:
    prices = PriceList((GENERAL, rule(9, WEB, since=NOW)), ())

    found = [
        price_of(prices, PROPOSE, FREELANCER, at, terms=JobTerms(WEB)) for at in (NOW - 1, NOW)
    ]

    assert found == [1, 9]
    assert [prices.depends_on_job(PROPOSE, FREELANCER, at) for at in (NOW - 1, NOW)] == [
        False,
        True,
    ]


def test_conditions_are_for_one_action_and_kind() -> None:
    prices = PriceList((*DEFAULT_PRICES.cost_rules, rule(9, WEB)), ())

    for action, kind in product((POST, PROPOSE, INVITE), AccountKind):
        general = prices.cost_rule(action, kind, NOW)
        special = prices.cost_rule(action, kind, NOW, JobTerms(WEB))
        changed = (action, kind) == (PROPOSE, FREELANCER)
        assert (special != general) is changed
        assert prices.depends_on_job(action, kind, NOW) is changed


def test_without_a_general_rule_only_the_jobs_that_meet_one_take_the_action() -> None:
    prices = PriceList((IN_WEB,), ())

    assert price_of(prices, PROPOSE, FREELANCER, NOW, terms=JobTerms(WEB)) == 3
    with pytest.raises(NotAllowed):
        price_of(prices, PROPOSE, FREELANCER, NOW, terms=JobTerms("legal"))


def test_the_range_that_a_payer_chooses_from_may_depend_on_the_job() -> None:
    special = CostRule(INVITE, AGENCY, 20, True, 90, 0, WEB)
    prices = PriceList((*DEFAULT_PRICES.cost_rules, special), ())

    assert price_of(prices, INVITE, AGENCY, NOW, 1) == 1
    assert price_of(prices, INVITE, AGENCY, NOW, 90, JobTerms(WEB)) == 90


def test_the_rules_stand_from_the_general_to_the_most_specific_one() -> None:
    for rules in permutations((*RULES, rule(7, WEB, since=1), rule(8, WEB, since=NOW + 1))):
        listed = PriceList(rules, ()).cost_rules_in_force(NOW)
        assert [each.connects for each in listed] == [1, 2, 7, 4]


def test_the_last_rule_of_the_list_that_a_job_meets_is_its_price() -> None:
    random = Random(13)  # noqa: S311
    categories, currencies = (None, WEB, "legal"), (None, "USD", "EUR")

    for _ in range(300):
        rules = {}
        for connects in range(random.randrange(1, 12)):
            currency = random.choice(currencies)
            ends = sorted(random.sample(range(1, 8), 2)) if currency else [None, None]
            kept = [end if random.random() < 0.7 else None for end in ends]
            made = rule(
                connects, random.choice(categories), currency, *kept, since=random.randrange(4)
            )
            rules[(made.case, made.effective_from)] = made
        prices = PriceList(tuple(random.sample([*rules.values()], len(rules))), ())
        listed = prices.cost_rules_in_force(2)
        for category, currency, budget in product(categories, currencies, range(1, 9)):
            terms = JobTerms(category, currency, budget if currency else None)
            met = [each for each in listed if each.is_met(terms)]
            found = prices.cost_rule(PROPOSE, FREELANCER, 2, terms)
            assert found == (met[-1] if met else None)
