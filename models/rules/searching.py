"""What people type into a search box, as words to look for."""

import re
from typing import Final, NamedTuple

WORDS: Final = 16
WORD_LENGTH: Final = 40
_WORD: Final = re.compile(r"[^\W_]+")


class SearchText(NamedTuple):
    """Words of letters and digits, lower case; all of them have to be found.

    The last one may be the beginning of a word, because the person may still be typing it.
    """

    words: tuple[str, ...]


def search_text(text: str) -> SearchText:
    """The words of `text`, WORDS at most. Quotes, operators and all other signs only part words."""
    found = _WORD.findall(text.lower())[:WORDS]
    return SearchText(tuple(word[:WORD_LENGTH] for word in found))
