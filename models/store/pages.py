"""Keyset pages of growing lists: rows inserted between requests shift nothing."""

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

Key = tuple[Any, ...]


class Page(NamedTuple):
    """Requests `size` rows between two keys: the first ones, or the last if `backwards`.

    The rows of the keys themselves are excluded; either key may be None.
    """

    size: int
    after: Key | None = None
    before: Key | None = None
    backwards: bool = False

    @property
    def near(self) -> Key | None:
        """The key where reading starts."""
        return self.before if self.backwards else self.after

    @property
    def far(self) -> Key | None:
        """The key where reading ends at the latest."""
        return self.after if self.backwards else self.before

    @property
    def limit(self) -> int:
        """How many rows to read: one more than requested, to detect whether there are more."""
        return self.size + 1


class Sliced(NamedTuple, Generic[T]):
    """The rows of a page in list order, and whether there are rows on either side."""

    rows: list[T]
    has_previous: bool
    has_next: bool

    @classmethod
    def of(cls, rows: list[T], page: Page) -> "Sliced[T]":
        """Builds a page from up to `page.limit` rows in reading order."""
        more = len(rows) > page.size
        kept = rows[: page.size]
        if page.backwards:
            return cls(kept[::-1], more, page.before is not None)
        return cls(kept, page.after is not None, more)
