"""Turns the text of a search box into words to look for."""

import re
from typing import Final, NamedTuple

WORDS: Final = 16
WORD_LENGTH: Final = 40
_WORD: Final = re.compile(r"[^\W_]+")


class SearchText(NamedTuple):
    """Lowercase words of letters and digits; all of them must match.

    The last one may be a prefix, because the user may still be typing.
    """

    words: tuple[str, ...]


def search_text(text: str) -> SearchText:
    """Splits `text` into at most WORDS words. All punctuation only separates words."""
    found = _WORD.findall(text.lower())[:WORDS]
    return SearchText(tuple(word[:WORD_LENGTH] for word in found))
