"""Pages of growing lists, cut by key: rows that are added meanwhile shift nothing."""

from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

Key = tuple[Any, ...]


class Page(NamedTuple):
    """Asks for `size` rows between two keys: the first ones, or the last ones where `backwards`.

    Neither key's own row belongs to the page, and either key may be missing.
    """

    size: int
    after: Key | None = None
    before: Key | None = None
    backwards: bool = False

    @property
    def near(self) -> Key | None:
        """Where reading starts."""
        return self.before if self.backwards else self.after

    @property
    def far(self) -> Key | None:
        """Where reading ends at the latest."""
        return self.after if self.backwards else self.before

    @property
    def limit(self) -> int:
        """How many rows to read: one more than are given, to know whether there are more."""
        return self.size + 1


class Sliced(NamedTuple, Generic[T]):
    """The rows of one page in the list's order, and whether there are rows on either side."""

    rows: list[T]
    has_previous: bool
    has_next: bool

    @classmethod
    def of(cls, rows: list[T], page: Page) -> "Sliced[T]":
        """A page from up to `page.limit` rows, which stand in the direction of reading."""
        more = len(rows) > page.size
        kept = rows[: page.size]
        if page.backwards:
            return cls(kept[::-1], more, page.before is not None)
        return cls(kept, page.after is not None, more)
