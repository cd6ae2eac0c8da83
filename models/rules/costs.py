"""What an action costs one account, and the answers when that is not what was expected."""

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind
from models.rules.prices import CostRule, PriceList
from models.rules.refusals import (
    InvalidInput,
    InvalidReason,
    NotAllowed,
    NotAllowedReason,
    PriceChanged,
    in_words,
)

_KIND_IN_WORDS = {
    AccountKind.CLIENT: "A client account",
    AccountKind.FREELANCER: "A freelancer account",
    AccountKind.AGENCY: "An agency account",
}


def cost(
    prices: PriceList,
    action: ConnectsAction,
    kind: AccountKind,
    at: int,
    chosen: int | None = None,
) -> int:
    """The Connects that `action` costs an account of `kind` at instant `at`.

    `chosen` is what the payer offers where the rule lets the payer choose; it is ignored where
    the price is fixed. Raises NotAllowed where the price list has no rule for that kind, and
    InvalidInput where `chosen` is missing or out of the rule's range.
    """
    rule = prices.cost_rule(action, kind, at)
    if rule is None:
        raise NotAllowed(
            f"{_KIND_IN_WORDS[kind]} cannot {action.row.infinitive}.",
            NotAllowedReason.ACTION_NOT_FOR_KIND,
        )
    if not rule.chosen_by_payer:
        return rule.connects
    return _within(rule, chosen)


def _within(rule: CostRule, chosen: int | None) -> int:
    most = rule.maximum
    if chosen is None:
        raise InvalidInput.at(
            "connects", f"choose how many, at least {rule.connects}", InvalidReason.REQUIRED
        )
    bounds = f"at least {rule.connects}" if most is None else f"{rule.connects} to {most}"
    message = f"must be {bounds}, not {chosen}"
    if chosen < rule.connects:
        raise InvalidInput.at("connects", message, InvalidReason.TOO_SMALL, rule.connects)
    if most is not None and chosen > most:
        raise InvalidInput.at("connects", message, InvalidReason.TOO_LARGE, most)
    return chosen


def check_expected(actual: int, expected: int | None) -> None:
    """Raises PriceChanged where the person was shown (`expected`) another price than `actual`."""
    if expected is not None and expected != actual:
        raise PriceChanged(
            f"This costs {in_words(actual)} now, not {expected}. Nothing was charged.",
            expected=expected,
            actual=actual,
        )
