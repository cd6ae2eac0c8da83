"""The return policy: how much of a spend is returned, and when.

The policy is data. By default nothing is returned. The policy in force at the time of the spend
applies, because the user was told about it.
"""

from models.rules.actions import ConnectsAction
from models.rules.prices import PriceList, in_force


def returnable(prices: PriceList, action: ConnectsAction, connects: int, spent_at: int) -> int:
    """Returns how many of `connects`, spent on `action` at `spent_at`, can be returned."""
    reason = action.row.returns
    rule = in_force((rule for rule in prices.return_rules if rule.reason == reason), spent_at)
    return connects * rule.percent // 100 if rule is not None else 0
