"""The return policy: what comes back of Connects that were spent, and when.

A policy is data. The default says that nothing comes back. What was in force when the Connects
were spent holds, because that is what the person was told.
"""

from models.rules.actions import ConnectsAction
from models.rules.prices import PriceList, in_force


def returnable(prices: PriceList, action: ConnectsAction, connects: int, spent_at: int) -> int:
    """How many of `connects`, spent on `action` at the instant `spent_at`, can come back."""
    reason = action.row.returns
    rule = in_force((rule for rule in prices.return_rules if rule.reason == reason), spent_at)
    return connects * rule.percent // 100 if rule is not None else 0
