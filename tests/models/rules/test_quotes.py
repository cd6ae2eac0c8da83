"""What a quote says in words."""

import pytest

from models.rules.actions import ConnectsAction
from models.rules.quotes import explanation
from models.rules.returns import ComingBack
from tests.models.rules.samples import NOW

POST_JOB = ConnectsAction.POST_JOB
PROPOSE = ConnectsAction.SUBMIT_PROPOSAL
INVITE = ConnectsAction.INVITE_FREELANCER
CONTACT = ConnectsAction.CONTACT_FREELANCER


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (POST_JOB, "Posting this job is free."),
        (PROPOSE, "Submitting this proposal is free."),
        (INVITE, "Inviting this freelancer is free."),
        (CONTACT, "Unlocking these contact details is free."),
    ],
)
def test_what_is_free_is_said_to_be_free(action: ConnectsAction, words: str) -> None:
    assert explanation(action, 0, ComingBack(0), 0) == words


@pytest.mark.parametrize(
    ("action", "connects", "words"),
    [
        (
            POST_JOB,
            1,
            "Posting this job costs 1 Connect. Nothing comes back, whether anyone is hired or not.",
        ),
        (
            PROPOSE,
            5,
            "Submitting this proposal costs 5 Connects. Nothing comes back if the proposal "
            "is rejected or withdrawn, or somebody else is hired.",
        ),
        (
            INVITE,
            50,
            "Inviting this freelancer costs 50 Connects. "
            "Nothing comes back if the freelancer declines or does not answer.",
        ),
        (
            CONTACT,
            1,
            "Unlocking these contact details costs 1 Connect. Nothing comes back. It is paid once.",
        ),
    ],
)
def test_what_does_not_come_back_is_said_not_to(
    action: ConnectsAction, connects: int, words: str
) -> None:
    assert explanation(action, connects, ComingBack(0), 50) == words


@pytest.mark.parametrize(
    ("action", "connects", "back", "words"),
    [
        (
            POST_JOB,
            5,
            5,
            "Posting this job costs 5 Connects. "
            "5 Connects come back if the job is cancelled without anyone hired.",
        ),
        (
            INVITE,
            2,
            1,
            "Inviting this freelancer costs 2 Connects. "
            "1 Connect comes back if the freelancer does not answer within 7 days.",
        ),
    ],
)
def test_what_comes_back_is_said_with_its_reason(
    action: ConnectsAction, connects: int, back: int, words: str
) -> None:
    assert explanation(action, connects, ComingBack(back), 50) == words


@pytest.mark.parametrize(
    ("connects", "available", "words"),
    [
        (5, 5, None),
        (5, 4, "You have 4, so 1 is missing."),
        (5, 0, "You have 0, so 5 are missing."),
    ],
)
def test_what_is_missing_is_said_at_the_end(
    connects: int, available: int, words: str | None
) -> None:
    said = explanation(POST_JOB, connects, ComingBack(0), available)

    assert said.endswith(words or "whether anyone is hired or not.")


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (ComingBack(0, 9), "Nothing usable comes back if the freelancer does not answer within "),
        (ComingBack(0, 9), ": all 9 are from a lot that will have expired by then."),
        (ComingBack(0, 1), ": it is from a lot that will have expired by then."),
        (ComingBack(1, 8), "1 Connect comes back if"),
        (ComingBack(1, 8), "8 more lapse on return: the lot will have expired."),
        (ComingBack(8, 0, 3, NOW), "3 of these lapse with the lot, from 2026-11-22 (UTC) on."),
        (ComingBack(1, 0, 1, NOW), "What comes back lapses with the lot, from 2026-11-22 (UTC) on"),
    ],
)
def test_what_is_too_late_to_be_used_is_said(back: ComingBack, words: str) -> None:
    assert words in explanation(INVITE, 9, back, 50)
