"""The actions that cost Connects: one row per action, with everything that depends on it.

A new action needs a row here, a use case, a mutation and a price in a migration. If it creates a
new kind of object, it also needs that object's table and type.
"""

from enum import StrEnum
from typing import NamedTuple, Self

from models.rules.kinds import AccountKind, ReturnReason
from models.rules.statuses import INVITATION_LIFETIME, JOB_LIFETIME


class Action(NamedTuple):
    """The row of an action.

    `accounts` are the kinds of account that may perform it. If `chosen_by_payer`, the payer chooses
    the price within the cost rule's bounds. `subject` is the GraphQL type, and the model, of what
    it pays for. `returns` is the occasion on which the return policy may return Connects, None if
    they are never returned; `returned_after` is how long after the spend that may be, at the
    earliest and at the latest, in microseconds. If `by_hold`, the Connects are not spent at once
    but held, and captured or released later.

    The texts complete sentences: "A client account cannot {infinitive}." and "{gerund} costs 5
    Connects." `never_returns` is shown if nothing can be returned, `returns_if` if something can.
    """

    description: str
    accounts: frozenset[AccountKind]
    chosen_by_payer: bool
    subject: str
    returns: ReturnReason | None
    infinitive: str
    gerund: str
    never_returns: str
    returns_if: str = ""
    returned_after: tuple[int, int] = (0, 0)
    by_hold: bool = False


_CLIENTS = frozenset({AccountKind.CLIENT, AccountKind.AGENCY})
_FREELANCERS = frozenset({AccountKind.FREELANCER, AccountKind.AGENCY})


class ConnectsAction(StrEnum):
    """The names of actions in the ledger, the price list and the API; `row` has the rest."""

    row: Action

    def __new__(cls, word: str, row: Action | None = None) -> Self:
        assert row is not None, "a member is defined with its row; only lookup by value has none"
        member = str.__new__(cls, word)
        member._value_ = word
        member.row = row
        return member

    POST_JOB = (
        "POST_JOB",
        Action(
            description="Post a job.",
            accounts=_CLIENTS,
            chosen_by_payer=False,
            subject="Job",
            returns=ReturnReason.JOB_CANCELLED,
            infinitive="post jobs",
            gerund="Posting this job",
            never_returns="Nothing comes back, whether anyone is hired or not.",
            returns_if="if the job is cancelled without anyone hired",
            returned_after=(0, JOB_LIFETIME),
        ),
    )
    SUBMIT_PROPOSAL = (
        "SUBMIT_PROPOSAL",
        Action(
            description="Submit a proposal to a job.",
            accounts=_FREELANCERS,
            chosen_by_payer=False,
            subject="Proposal",
            returns=None,
            infinitive="submit proposals",
            gerund="Submitting this proposal",
            never_returns="Nothing comes back if the proposal is rejected or withdrawn, or "
            "somebody else is hired.",
        ),
    )
    INVITE_FREELANCER = (
        "INVITE_FREELANCER",
        Action(
            description="Invite a freelancer to a job.",
            accounts=_CLIENTS,
            chosen_by_payer=True,
            subject="Invitation",
            returns=ReturnReason.INVITATION_UNANSWERED,
            infinitive="invite freelancers",
            gerund="Inviting this freelancer",
            never_returns="Nothing comes back if the freelancer declines or does not answer.",
            returns_if="if the freelancer does not answer within 7 days",
            returned_after=(INVITATION_LIFETIME, INVITATION_LIFETIME),
        ),
    )
    CONTACT_FREELANCER = (
        "CONTACT_FREELANCER",
        Action(
            description="Unlock a freelancer's contact details.",
            accounts=_CLIENTS,
            chosen_by_payer=False,
            subject="Contact",
            returns=None,
            infinitive="unlock contact details",
            gerund="Unlocking these contact details",
            never_returns="Nothing comes back. It is paid once.",
        ),
    )
    BOOST_PROPOSAL = (
        "BOOST_PROPOSAL",
        Action(
            description="Boost a proposal: hold Connects for one of a job's first places.",
            accounts=_FREELANCERS,
            chosen_by_payer=True,
            subject="Proposal",
            returns=None,
            infinitive="boost proposals",
            gerund="Boosting this proposal",
            never_returns="All of it is released if the boost is outbid or withdrawn, or if the "
            "job ends without a hire before boosts close; what comes from a lot that has expired "
            "by then lapses. Otherwise it is spent.",
            by_hold=True,
        ),
    )
