"""Pages of growing lists, cut by key: rows that are added meanwhile shift nothing."""

from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

Key = tuple[Any, ...]


class Page(NamedTuple):
    """Asks for `size` rows after or before the keys, the last ones where `backwards`."""

    size: int
    after: Key | None = None
    before: Key | None = None
    backwards: bool = False


@dataclass(frozen=True)
class Sliced(Generic[T]):
    """The rows of one page in the list's order, and whether there are rows on either side."""

    rows: list[T]
    has_previous: bool
    has_next: bool

    @classmethod
    def of(cls, rows: list[T], page: Page) -> "Sliced[T]":
        """A page from up to `page.size + 1` rows, which stand in the page's direction."""
        more = len(rows) > page.size
        kept = rows[: page.size]
        if page.backwards:
            return cls(kept[::-1], more, page.before is not None)
        return cls(kept, page.after is not None, more)
