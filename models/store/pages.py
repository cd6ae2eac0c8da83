"""Keyset pages of growing lists: rows inserted between requests shift nothing."""

from collections.abc import Awaitable, Callable
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


async def in_two_parts(page: Page, read: Callable[[int, Page], Awaitable[list[T]]]) -> Sliced[T]:
    """A page of a list whose rows of part 0 all stand before those of part 1.

    Keys begin with the part. `read` gets a part and the page of it to read, whose keys lack that
    first value, and returns up to `limit` rows in reading order. Each part is read by itself, so
    that an index has it in its order.
    """
    found: list[T] = []
    for part in (1, 0) if page.backwards else (0, 1):
        room = page.limit - len(found)
        is_outside = (page.after is not None and part < page.after[0]) or (
            page.before is not None and part > page.before[0]
        )
        if room and not is_outside:
            after, before = _key_in(part, page.after), _key_in(part, page.before)
            found += await read(part, Page(room - 1, after, before, page.backwards))
    return Sliced.of(found, page)


def _key_in(part: int, key: Key | None) -> Key | None:
    """The rest of a key that lies in `part`."""
    return key[1:] if key is not None and key[0] == part else None
