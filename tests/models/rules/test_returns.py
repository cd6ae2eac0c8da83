"""How many of the Connects that were spent can come back."""

import pytest

from models.rules.actions import ConnectsAction
from models.rules.kinds import ReturnReason
from models.rules.prices import PriceList, ReturnRule
from models.rules.returns import returnable
from tests.models.rules.samples import GRANTING_NOTHING, NOW

POST_JOB, INVITE = ConnectsAction.POST_JOB, ConnectsAction.INVITE_FREELANCER
CANCELLED, UNANSWERED = ReturnReason.JOB_CANCELLED, ReturnReason.INVITATION_UNANSWERED


def returning(*rules: tuple[str, int, int]) -> PriceList:
    return PriceList((), (), tuple(ReturnRule(*rule) for rule in rules))


@pytest.mark.parametrize(
    ("percent", "connects", "back"),
    [
        (0, 50, 0),
        (50, 50, 25),
        (100, 50, 50),
        (100, 1, 1),
        (50, 1, 0),
        (50, 3, 1),
        (99, 1, 0),
        (33, 10, 3),
        (100, 0, 0),
    ],
)
def test_a_percentage_of_what_was_spent_comes_back_rounded_down(
    percent: int, connects: int, back: int
) -> None:
    prices = returning((CANCELLED, percent, 0))

    assert returnable(prices, POST_JOB, connects, NOW) == back


@pytest.mark.parametrize("action", ConnectsAction)
def test_without_a_rule_nothing_comes_back(action: ConnectsAction) -> None:
    assert returnable(GRANTING_NOTHING, action, 50, NOW) == 0


@pytest.mark.parametrize(
    ("action", "back"),
    [
        (POST_JOB, 50),
        (INVITE, 25),
        (ConnectsAction.SUBMIT_PROPOSAL, 0),
        (ConnectsAction.CONTACT_FREELANCER, 0),
    ],
)
def test_an_action_returns_by_its_own_reason_or_never(action: ConnectsAction, back: int) -> None:
    prices = returning((CANCELLED, 100, 0), (UNANSWERED, 50, 0))

    assert returnable(prices, action, 50, NOW) == back


@pytest.mark.parametrize(
    ("spent_at", "back"), [(NOW - 1, 0), (NOW, 50), (NOW + 9, 50), (NOW + 10, 10)]
)
def test_the_policy_at_the_instant_of_the_spend_holds(spent_at: int, back: int) -> None:
    prices = returning((CANCELLED, 20, NOW + 10), (CANCELLED, 0, 0), (CANCELLED, 100, NOW))

    assert returnable(prices, POST_JOB, 50, spent_at) == back
