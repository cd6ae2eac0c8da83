"""Explanations of quotes for people."""

from models.rules.actions import ConnectsAction
from models.rules.instants import rfc3339
from models.rules.refusals import in_words
from models.rules.returns import ComingBack


def explanation(
    action: ConnectsAction,
    connects: int,
    back: ComingBack,
    available: int,
    *,
    general: bool = False,
) -> str:
    """What it costs, what of it can come back and be used, and what is missing, in Connects.

    `general` says that other prices are in force for some jobs, and that the job is not known.
    """
    row = action.row
    sentences = [f"{row.gerund} {f'costs {in_words(connects)}' if connects else 'is free'}."]
    if general:
        sentences.append(
            "This is the general price. The price for a job may depend on its category and budget."
        )
    if connects == 0:
        return " ".join(sentences)
    sentences += _coming_back(action, back)
    if connects > available:
        missing = connects - available
        are = "is" if missing == 1 else "are"
        sentences.append(f"You have {available}, so {missing} {are} missing.")
    return " ".join(sentences)


def boost_explanation(connects: int, least: int, already: int, available: int) -> str:
    """What a boost of `connects` in all holds, and whether it leads, which takes `least`.

    `already` of them are held.
    """
    row = ConnectsAction.BOOST_PROPOSAL.row
    sentences = [f"{row.gerund} holds {in_words(connects)}."]
    if already:
        sentences.append(f"{already} of them {'is' if already == 1 else 'are'} already held.")
    if already >= connects:
        sentences.append(f"It leads with {already}. A boost can only be raised.")
    else:
        leads = "It would lead" if connects >= least else "It would not lead"
        sentences.append(f"{leads}: that takes {least} or more now.")
    sentences.append(row.never_returns)
    if connects - already > available:
        missing = connects - already - available
        are = "is" if missing == 1 else "are"
        sentences.append(f"You have {available}, so {missing} {are} missing.")
    return " ".join(sentences)


def _coming_back(action: ConnectsAction, back: ComingBack) -> list[str]:
    row = action.row
    if not back.usable and not back.lapsing:
        return [row.never_returns]
    if not back.usable:
        return [
            f"Nothing usable comes back {row.returns_if}: "
            f"{_these(back.lapsing)} from a lot that will have expired by then."
        ]
    come = "comes" if back.usable == 1 else "come"
    sentences = [f"{in_words(back.usable)} {come} back {row.returns_if}."]
    if back.lapsing:
        lapse = "lapses" if back.lapsing == 1 else "lapse"
        sentences.append(f"{back.lapsing} more {lapse} on return: the lot will have expired.")
    if back.fleeting:
        lapse = "lapses" if back.fleeting == 1 else "lapse"
        day = rfc3339(back.until)[:10]
        sentences.append(f"{_part(back)} {lapse} with the lot, from {day} (UTC) on.")
    return sentences


def _these(connects: int) -> str:
    return "it is" if connects == 1 else f"all {connects} are"


def _part(back: ComingBack) -> str:
    return "What comes back" if back.fleeting == back.usable == 1 else f"{back.fleeting} of these"
