"""The functions that are written for objects: what names and keys come to in them."""

from types import SimpleNamespace
from typing import Any

import pytest

from serving.execution.generated import Part, Way, written


def refused(value: Any) -> Any:
    raise LookupError(value)


def part(key: str, read: Any, way: Way = Way.ANY, usual: Any = None, complete: Any = str) -> Part:
    return Part(key, read, way, usual, complete)


@pytest.mark.parametrize("name", ["plain", "class", "größe", "a b", "x}) or exit(1) #", "__n__"])
def test_any_name_is_only_a_name(name: str) -> None:
    source = SimpleNamespace(**{name: 7, "dotted": SimpleNamespace(part=8)})

    fast = written([part(name, name), part(f'"{name}"', name)], {SimpleNamespace}, refused)

    assert fast(source) == {name: "7", f'"{name}"': "7"}


def test_fields_come_in_their_order_from_attributes_and_functions() -> None:
    parts = [part("b", lambda source: source.one + 1), part("a", "one")]

    made = written(parts, {SimpleNamespace}, refused)(SimpleNamespace(one=1))

    assert list(made.items()) == [("b", "2"), ("a", "1")]


def test_an_attribute_may_be_one_of_anothers() -> None:
    source = SimpleNamespace(row=SimpleNamespace(kind=7), **{"row.kind": 8})

    made = written([part("a", "row.kind")], {SimpleNamespace}, refused)(source)

    assert made == {"a": "7"}


def test_other_classes_are_left_to_others() -> None:
    with pytest.raises(LookupError):
        written([part("a", "one")], {str}, refused)(SimpleNamespace(one=1))


@pytest.mark.parametrize(
    ("way", "usual", "value", "given"),
    [
        (Way.EXACT, str, "x", "x"),
        (Way.EXACT, str, 1, "completed 1"),
        (Way.EXACT, bool, True, True),
        (Way.INTEGER, None, 2**31 - 1, 2**31 - 1),
        (Way.INTEGER, None, 2**31, f"completed {2**31}"),
        (Way.INTEGER, None, -(2**31), -(2**31)),
        (Way.INTEGER, None, -(2**31) - 1, f"completed {-(2**31) - 1}"),
        (Way.INTEGER, None, True, "completed True"),
        (Way.WORD, {"x": "X"}.get, "x", "X"),
        (Way.WORD, {"x": "X"}.get, None, "completed None"),
        (Way.SCALAR, lambda value: value + 1, 1, 2),
        (Way.SCALAR, lambda value: None, 1, "completed 1"),
        (Way.SCALAR, lambda value: value, [1], "completed [1]"),
    ],
)
def test_what_is_unusual_is_completed(way: Way, usual: Any, value: Any, given: Any) -> None:
    one = part("a", "one", way, usual, lambda found: f"completed {found}")

    made = written([one], {SimpleNamespace}, refused)(SimpleNamespace(one=value))

    assert made == {"a": given}
    assert type(made["a"]) is type(given)
