"""The return policy: what comes back of Connects that were spent, and when.

A policy is data. The default says that nothing comes back. What was in force when the Connects
were spent holds, because that is what the person was told.
"""

from enum import StrEnum
from typing import Final

from models.rules.kinds import ConnectsAction
from models.rules.prices import PriceList, in_force


class ReturnReason(StrEnum):
    """`JOB_CANCELLED`: without anyone hired. `INVITATION_UNANSWERED`: it expired."""

    JOB_CANCELLED = "JOB_CANCELLED"
    INVITATION_UNANSWERED = "INVITATION_UNANSWERED"


REASON_OF_ACTION: Final = {
    ConnectsAction.POST_JOB: ReturnReason.JOB_CANCELLED,
    ConnectsAction.INVITE_FREELANCER: ReturnReason.INVITATION_UNANSWERED,
}
"""The actions whose Connects a policy can return, and when."""


def returnable(prices: PriceList, action: ConnectsAction, connects: int, spent_at: int) -> int:
    """How many of `connects`, spent on `action` at the instant `spent_at`, can come back."""
    reason = REASON_OF_ACTION.get(action)
    rule = in_force((rule for rule in prices.return_rules if rule.reason == reason), spent_at)
    return connects * rule.percent // 100 if rule is not None else 0
