"""Relay connections with keyset cursors."""

import asyncio
import base64
from binascii import b2a_base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial, update_wrapper
from inspect import Parameter, signature
from typing import (
    Annotated,
    Any,
    Concatenate,
    Final,
    Generic,
    NamedTuple,
    NewType,
    ParamSpec,
    TypeVar,
    cast,
)
from uuid import UUID

import orjson
import strawberry

from models.rules.refusals import InvalidInput, InvalidReason
from models.store.pages import Key, Page, Sliced
from resolvers.inputs import passed
from resolvers.services import Services
from schema.context import Info
from serving.execution.attributes import attribute
from serving.execution.checks import checked
from serving.operations.costs import LARGEST_PAGE, PAGE_SIZE, costs

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
T = TypeVar("T")

CURSOR_LENGTH: Final = 500
COUNTED: Final = 10_000
"""Up to so many rows of a list are counted."""
COUNT_COST: Final = 5
"""In points: to count takes about as long as to read so many rows by key."""

Connects = NewType("Connects", int)
"""A number in a cursor that the database keeps in 32 bits; an `int` has 64."""

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
_BEYOND: Final[dict[object, int]] = {int: 2**63, Connects: 2**31}

First = Annotated[
    int | None,
    strawberry.argument(
        description="The number of items to return from the start of the list: 0 to 100. The "
        "default is 20 if neither `first` nor `last` is given."
    ),
]
After = Annotated[str | None, strawberry.argument(description="Only items after this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="The number of items to return from the end of the list, in the same order: "
        "0 to 100. Cannot be combined with `first`."
    ),
]
Before = Annotated[str | None, strawberry.argument(description="Only items before this cursor.")]


class Paging(NamedTuple):
    """The paging arguments of a field, as they were given."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


def paged(
    order: "Order[Any] | None" = None,
) -> Callable[
    [Callable[Concatenate[S, Info, Paging, P], Awaitable[T]]],
    Callable[Concatenate[S, Info, P], Awaitable[T]],
]:
    """Gives a resolver the arguments of a Relay connection, which it takes as one `Paging`.

    Its own further arguments stand before them in the schema. `order` is that of the list, whoever
    owns it: where a mutation selects it, its arguments are checked before the mutation runs.
    """

    def decorate(
        resolve: Callable[Concatenate[S, Info, Paging, P], Awaitable[T]],
    ) -> Callable[Concatenate[S, Info, P], Awaitable[T]]:
        resolve_page = _paged(resolve)
        return resolve_page if order is None else checked(order.check)(resolve_page)

    return decorate


def _paged(
    resolve: Callable[Concatenate[S, Info, Paging, P], Awaitable[T]],
) -> Callable[Concatenate[S, Info, P], Awaitable[T]]:
    read: Callable[..., Awaitable[T]] = resolve

    async def resolve_page(
        self: S,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **own: Any,
    ) -> T:
        return await read(self, info, Paging(first, after, last, before), **own)

    update_wrapper(resolve_page, resolve)
    shared = {"first": First, "after": After, "last": Last, "before": Before}
    given = signature(resolve)
    receiver, context, _, *own = given.parameters.values()
    parameters = [
        *(one.replace(kind=Parameter.KEYWORD_ONLY) for one in own),
        *(
            Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in shared.items()
        ),
    ]
    resolve_page.__signature__ = given.replace(parameters=[receiver, context, *parameters])  # type: ignore[attr-defined]
    resolve_page.__annotations__ = {**resolve.__annotations__, **shared}
    return cast("Callable[Concatenate[S, Info, P], Awaitable[T]]", resolve_page)


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    rows: strawberry.Private[Sliced[Any]]
    cursor_of: strawberry.Private[Callable[[Any], str]]

    has_next_page: bool = strawberry.field(
        resolver=attribute("rows.has_next"), description="Whether there are items after this page."
    )
    has_previous_page: bool = strawberry.field(
        resolver=attribute("rows.has_previous"),
        description="Whether there are items before this page.",
    )

    # Made when asked for, because cursors take longer to make than all else in a page.
    @strawberry.field(description="The cursor of the page's first item. Null if the page is empty.")
    def start_cursor(self) -> str | None:
        return self.cursor_of(self.rows.rows[0]) if self.rows.rows else None

    @strawberry.field(description="The cursor of the page's last item. Null if the page is empty.")
    def end_cursor(self) -> str | None:
        return self.cursor_of(self.rows.rows[-1]) if self.rows.rows else None


@strawberry.type(description="An item of a list, with its cursor.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The item.")
    cursor: str = strawberry.field(description="The item's cursor, for `after` and `before`.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    rows: strawberry.Private[Sliced[Any]]
    cursor_of: strawberry.Private[Callable[[Any], str]]
    row_nodes: strawberry.Private[list[Any]]

    @strawberry.field(description="The items, with their cursors.")
    def edges(self) -> list[Edge[T]]:
        pairs = zip(self.rows.rows, self.row_nodes, strict=True)
        return [Edge(node=node, cursor=self.cursor_of(row)) for row, node in pairs]

    @strawberry.field(description="The items, without their cursors.")
    def nodes(self) -> list[T]:
        return self.row_nodes

    @strawberry.field(description="The position of this page in the list.")
    def page_info(self) -> PageInfo:
        return PageInfo(rows=self.rows, cursor_of=self.cursor_of)


class Count:
    """How many rows a list has, read when it is first asked for, once."""

    def __init__(self, read: Callable[[], Awaitable[int]]) -> None:
        """`read` counts up to COUNTED + 1 rows."""
        self._read = read
        self._found: asyncio.Future[int] | None = None

    def __call__(self) -> "asyncio.Future[int]":
        if self._found is None:
            self._found = asyncio.ensure_future(self._read())
        return self._found


@strawberry.type(name="Connection", description="A page of a list.")
class CountedConnection(Connection[T]):
    """The connection of a list that can say how long it is. Counts nothing unless asked."""

    count: strawberry.Private[Count]

    @strawberry.field(
        description=f"How many rows the whole list has, {COUNTED:,} where it has more.",
        metadata=costs(COUNT_COST),
    )
    async def total_count(self) -> int:
        return min(await self.count(), COUNTED)

    @strawberry.field(
        description=f"Whether the list has more than {COUNTED:,} rows, and so more than "
        "`totalCount` says.",
        metadata=costs(COUNT_COST),
    )
    async def total_count_is_capped(self) -> bool:
        return await self.count() > COUNTED


class Order(NamedTuple, Generic[R]):
    """The order of a list: `key_of` a row is its place, in values of `types`.

    `name` tells the list from all others, and `types` are of int, Connects, float and UUID. The
    cursors carry the name and the key.
    """

    name: str
    types: Sequence[object]
    key_of: Callable[[R], Key]

    def of(self, owner: UUID | str) -> "Order[R]":
        """The order of one owner's list, whose cursors are no cursors of another owner's.

        The name of an owner has no colon.
        """
        return Order(f"{self.name}:{owner}", self.types, self.key_of)

    def check(self, _context: object, arguments: Mapping[str, Any]) -> None:
        """Raises InvalidInput for what no owner's list takes."""
        paging = Paging(*map(arguments.get, Paging._fields))
        page_size(paging)
        self._key("after", paging.after, of_any=True)
        self._key("before", paging.before, of_any=True)

    def page(self, paging: Paging) -> Page:
        """The page that a field's arguments ask for: the first 20 rows where they say nothing.

        Raises InvalidInput for sizes out of range and for cursors of another list.
        """
        return Page(
            page_size(paging),
            after=self._key("after", paging.after),
            before=self._key("before", paging.before),
            backwards=paging.last is not None,
        )

    def connection(self, sliced: Sliced[R], node_of: Callable[[R], T]) -> Connection[T]:
        """A page as GraphQL gives it."""
        nodes = list(map(node_of, sliced.rows))
        return Connection(rows=sliced, cursor_of=self._cursor, row_nodes=nodes)

    def counted(
        self,
        sliced: Sliced[R],
        node_of: Callable[[R], T],
        read_count: Callable[[int], Awaitable[int]],
    ) -> CountedConnection[T]:
        """The same for a list that can be counted: `read_count` is given the most to count to."""
        nodes = list(map(node_of, sliced.rows))
        count = Count(partial(read_count, COUNTED + 1))
        return CountedConnection(rows=sliced, cursor_of=self._cursor, row_nodes=nodes, count=count)

    def _cursor(self, row: R) -> str:
        # default=str, because asyncpg has a UUID of its own, which orjson does not know.
        text = orjson.dumps([self.name, *self.key_of(row)], default=str)
        return b2a_base64(text, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()

    def _key(self, path: str, cursor: str | None, *, of_any: bool = False) -> Key | None:
        """The key in a cursor of this list, or, with `of_any`, of any owner's."""
        if cursor is None:
            return None
        try:
            if len(cursor) > CURSOR_LENGTH:
                raise ValueError("a cursor that is longer than all there are")
            text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            found, *values = orjson.loads(text)
            name = found.rpartition(":")[0] if of_any and isinstance(found, str) else found
            if name == self.name and len(values) == len(self.types):
                return tuple(map(_value, self.types, values))
        except (ValueError, TypeError):
            pass
        raise InvalidInput.at(path, "is not a cursor of this list", InvalidReason.NOT_A_CURSOR)


async def listed(
    info: Info,
    order: Order[R],
    owner: UUID,
    paging: Paging,
    read: Callable[[Services, UUID, Page], Awaitable[Sliced[R]]],
    make: Callable[[R, Info], T],
) -> Connection[T]:
    """A page of one owner's list, which `read` gives and `make` turns into GraphQL objects.

    Raises InvalidInput for sizes out of range and for cursors of another list.
    """
    of_owner = order.of(owner)
    rows = await read(info.context.services, owner, of_owner.page(paging))
    return of_owner.connection(rows, lambda row: make(row, info))


def newest_first(name: str) -> Order[Any]:
    """The order of rows whose ids are made in the order of time."""
    return Order(name, (UUID,), lambda row: (row.id,))


def page_size(paging: Paging) -> int:
    """How many rows a page has at most. Raises InvalidInput."""
    first, _, last, _ = paging
    if first is not None and last is not None:
        raise InvalidInput.at("last", "cannot be combined with first", InvalidReason.NOT_APPLICABLE)
    name, size = ("last", last) if last is not None else ("first", first)
    size = PAGE_SIZE if size is None else size
    if not 0 <= size <= LARGEST_PAGE:
        message = f"must be 0 to {LARGEST_PAGE}, not {size}"
        raise InvalidInput.at(name, message, *passed(size, 0, LARGEST_PAGE))
    return size


def _value(kind: object, value: Any) -> Any:
    if kind is UUID and isinstance(value, str):
        return UUID(value)
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind not in _BEYOND or not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a cursor's value of another type")
    if abs(value) >= _BEYOND[kind]:
        raise ValueError("a cursor's number that no row has")
    return value
