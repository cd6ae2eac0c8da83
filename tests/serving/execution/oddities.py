"""A schema made up of what a resolver can do wrong, or do in an unusual way."""

# What is given to fields is of the wrong type on purpose.
# mypy: disable-error-code="arg-type, list-item, no-any-return, assignment"

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, NewType

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.context import Info
from serving.execution.attributes import attribute


class OddError(Exception):
    """One that a handler makes a member of a union of, unless it declines."""


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.type
class Failure:
    message: str


def _marked(value: Any) -> Any:
    return None if value == "unmarked" else f"!{value + ''}"


Marked = NewType("Marked", str)


@strawberry.type
class Leaf:
    """`value` is given to fields of all kinds."""

    value: strawberry.Private[Any] = None
    text: str | None = None
    sure_text: str = "sure"
    number: int | None = None
    sure_number: int = 1
    colour: Colour | None = None
    flag: bool | None = True
    numbers: list[int] | None = None
    grid: list[list[int] | None] | None = None
    marked: Marked | None = Marked("this")

    # They hand out what an attribute is, or an attribute of that, where it has one.
    word: str = strawberry.field(resolver=attribute("text"))
    hue: Colour = strawberry.field(resolver=attribute("colour"))
    first: int | None = strawberry.field(resolver=attribute("numbers.start"))

    # They take nothing but their object.
    @strawberry.field
    def said(self) -> str:
        return self.text or self.sure_text

    @strawberry.field
    def half(self) -> int | None:
        return self.number // 2  # type: ignore[operator]

    @strawberry.field
    def tint(self) -> Colour:
        return self.colour or Colour.BLUE

    @strawberry.field
    def remarked(self) -> Marked:
        return Marked(self.sure_text)

    @strawberry.field
    def twigs(self) -> "list[Leaf | None] | None":
        return [Leaf(number=self.number), None, Leaf(sure_text=self.sure_text)]

    @strawberry.field
    def stem(self) -> "Leaf":
        return Leaf(sure_number=self.sure_number, numbers=self.numbers)


@strawberry.interface
class Being:
    name: str

    @strawberry.field
    async def shout(self, loud: int = 1) -> str:
        if loud > 5:
            raise ValueError(f"too loud: {loud}")
        return self.name.upper() * loud


@strawberry.type
class Cat(Being):
    lives: int | None = 9
    leaf: Leaf | None = None


@strawberry.type
class Dog(Being):
    leaves: list[Leaf] = strawberry.field(default_factory=list)

    @strawberry.field
    def bark(self) -> str:
        raise LookupError(self.name)


@strawberry.type
class Ghost(Being):
    """It is in no union."""


@dataclass
class Stranger:
    """No type of the schema at all."""

    name: str = "stranger"


@strawberry.input
class Options:
    first: int = 2
    words: list[str] = strawberry.field(default_factory=list)
    colour: Colour | None = None
    more: "Others | None" = None


@strawberry.input
class Others:
    flag: bool
    numbers: list[int] | None = None


Pet = Annotated[Cat | Dog, strawberry.union("Pet")]
Answer = Annotated[Cat | Failure, strawberry.union("Answer")]


class later:  # noqa: N801 - called like a function
    """Something to await that is no coroutine, so that it may be left alone as well."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self._value


def leaves() -> list[Any]:
    wrong: Any = [
        Leaf(text="usual", number=3, colour=Colour.RED, numbers=[1, 2], grid=[[1], None]),
        Leaf(number=2**40),
        Leaf(text=["no text"], colour="green", numbers=[1, "x", 3]),
        Leaf(sure_text=None),
        Leaf(sure_number="three", flag="maybe"),
        Leaf(text=ValueError("in place of a text"), numbers=(1, 2), grid=([1, None], [2])),
        Leaf(text=7, sure_number=True, colour="red", flag=0, numbers=range(3)),
        Leaf(numbers="digits", grid=[5]),
        Leaf(numbers=[1, None]),
        Leaf(number=4, marked="unmarked"),
        Leaf(marked=8, sure_text="unmarked"),
        Leaf(text=later("awaited"), numbers=later([1]), grid=[later([4]), [later(5)]]),
        Stranger(),
    ]
    return wrong


def beings() -> list[Any]:
    found: Any = [
        Cat(name="Tom", leaf=Leaf(text="leaf")),
        Dog(name="Rex", leaves=[Leaf(), Leaf(number=1)]),
        Cat(name=None, leaf=Leaf(sure_text=None)),
        Dog(name="Spot", leaves=[Leaf(), None]),
        Ghost(name="Casper"),
        Stranger(),
        None,
        ValueError("in place of a being"),
        later(Cat(name="Late")),
    ]
    return found


@strawberry.type
class Query:
    @strawberry.field
    async def leaf(self, at: int = 0) -> Leaf | None:
        return leaves()[at]

    @strawberry.field
    def sure_leaf(self, at: int = 0) -> Leaf:
        return leaves()[at]

    @strawberry.field
    async def all_leaves(self) -> list[Leaf]:
        return leaves()[:3]

    @strawberry.field
    async def some_leaves(self) -> list[Leaf | None] | None:
        return leaves()

    @strawberry.field
    def generated(self) -> list[Leaf] | None:
        def generate() -> Iterator[Leaf]:
            yield Leaf()
            raise LookupError("no more leaves")

        return generate()  # type: ignore[return-value]

    @strawberry.field
    async def streamed(self) -> list[int] | None:
        async def stream() -> AsyncIterator[int]:
            for number in range(3):
                yield await later(number)

        return stream()  # type: ignore[return-value]

    @strawberry.field
    async def being(self, at: int = 0) -> Being | None:
        return await later(beings()[at]) if at < 8 else None

    @strawberry.field
    async def beings(self) -> list[Being | None]:
        return beings()

    @strawberry.field
    def pets(self) -> list[Pet | None]:
        return beings()

    @strawberry.field
    def sure_pets(self, upto: int = 2) -> list[Pet]:
        return beings()[:upto]

    @strawberry.field
    def awaited(self) -> int | None:
        return later(5)  # type: ignore[return-value]

    @strawberry.field
    async def nothing(self) -> int:
        return await later(None)

    @strawberry.field
    async def told(self, info: Info, options: Options | None = None, at: int = 1) -> str:
        return f"{info.field_name} {info.path.as_list()} {info.variable_values} {options} {at}"

    @strawberry.field
    async def grid(self, rows: list[list[int]] | None = None) -> list[list[int]] | None:
        return rows

    @strawberry.field
    async def answer(self, at: int = 0) -> Answer:
        if at:
            raise OddError("declined" if at == 1 else f"handled {at}")
        return Cat(name="Tom")

    @strawberry.field
    async def again(self) -> "Query":
        return Query()


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def step(self, info: Info, at: int = 1) -> Answer:
        steps: list[int] = info.context.services
        steps.append(at)
        if at == 2:
            raise ValueError(f"step {at}")
        if at == 3:
            raise OddError("handled")
        return Cat(name=f"{steps}")


class Handler:
    exception_type = OddError
    error_type = Failure

    async def handle(self, exception: OddError, **_where: object) -> Failure | None:
        await asyncio.sleep(0)
        return None if str(exception) == "declined" else Failure(message=str(exception))


schema = strawberry.Schema(
    Query,
    Mutation,
    types=[Cat, Dog, Ghost],
    exception_handlers=[Handler()],
    config=StrawberryConfig(
        scalar_map={Marked: strawberry.scalar(name="Marked", serialize=_marked)}
    ),
)
