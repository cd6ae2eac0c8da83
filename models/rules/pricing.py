"""The price of an action for an account, and the refusals if it is not the expected one."""

from models.rules.actions import ConnectsAction
from models.rules.kinds import AccountKind
from models.rules.prices import NO_TERMS, CostRule, JobTerms, PriceList
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


def price_of(
    prices: PriceList,
    action: ConnectsAction,
    kind: AccountKind,
    at: int,
    chosen: int | None = None,
    terms: JobTerms = NO_TERMS,
) -> int:
    """Returns the price in Connects of `action` for an account of `kind` at instant `at`.

    `chosen` is the payer's offer if the rule lets the payer choose; it is ignored for fixed prices.
    `terms` are those of the job that the action is about. Raises NotAllowed if the price list has
    no rule for that kind, and InvalidInput if `chosen` is missing or out of the rule's range.
    """
    rule = prices.cost_rule(action, kind, at, terms)
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
    """Raises PriceChanged if the price shown to the user (`expected`) is not `actual`."""
    if expected is not None and expected != actual:
        raise PriceChanged(
            f"This costs {in_words(actual)} now, not {expected}. Nothing was charged.",
            expected=expected,
            actual=actual,
        )
