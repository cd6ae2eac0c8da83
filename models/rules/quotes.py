"""Quotes in plain words."""

from models.rules.kinds import ConnectsAction
from models.rules.refusals import in_words

_COSTS = {
    ConnectsAction.POST_JOB: "Posting this job",
    ConnectsAction.SUBMIT_PROPOSAL: "Submitting this proposal",
    ConnectsAction.INVITE_FREELANCER: "Inviting this freelancer",
    ConnectsAction.CONTACT_FREELANCER: "Unlocking these contact details",
}
_NEVER = {
    ConnectsAction.POST_JOB: "Nothing comes back, whether anyone is hired or not.",
    ConnectsAction.SUBMIT_PROPOSAL: "Nothing comes back if the proposal is rejected or "
    "withdrawn, or somebody else is hired.",
    ConnectsAction.INVITE_FREELANCER: "Nothing comes back if the freelancer declines or does "
    "not answer.",
    ConnectsAction.CONTACT_FREELANCER: "Nothing comes back. It is paid once.",
}
_WHEN = {
    ConnectsAction.POST_JOB: "if the job is cancelled without anyone hired",
    ConnectsAction.INVITE_FREELANCER: "if the freelancer does not answer within 7 days",
}


def explanation(action: ConnectsAction, connects: int, returnable: int, available: int) -> str:
    """What it costs, whether that can come back, and what is missing, all in Connects."""
    if connects == 0:
        return f"{_COSTS[action]} is free."
    sentences = [f"{_COSTS[action]} costs {in_words(connects)}."]
    if returnable:
        come = "comes" if returnable == 1 else "come"
        sentences.append(f"{in_words(returnable)} {come} back {_WHEN[action]}.")
    else:
        sentences.append(_NEVER[action])
    if connects > available:
        missing = connects - available
        are = "is" if missing == 1 else "are"
        sentences.append(f"You have {available}, so {missing} {are} missing.")
    return " ".join(sentences)
