"""Explanations of quotes for people."""

from models.rules.actions import ConnectsAction
from models.rules.refusals import in_words


def explanation(action: ConnectsAction, connects: int, returnable: int, available: int) -> str:
    """Describes the price, whether it can be returned, and how many Connects are missing."""
    row = action.row
    if connects == 0:
        return f"{row.gerund} is free."
    sentences = [f"{row.gerund} costs {in_words(connects)}."]
    if returnable:
        come = "comes" if returnable == 1 else "come"
        sentences.append(f"{in_words(returnable)} {come} back {row.returns_if}.")
    else:
        sentences.append(row.never_returns)
    if connects > available:
        missing = connects - available
        are = "is" if missing == 1 else "are"
        sentences.append(f"You have {available}, so {missing} {are} missing.")
    return " ".join(sentences)
