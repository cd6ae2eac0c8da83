"""Refusals: each survives being stored, and says what it says again."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Protocol

import orjson
import pytest

from models.rules.instants import Instant
from models.rules.kinds import AccountKind
from models.rules.refusals import (
    Conflict,
    IdempotencyKeyReused,
    InsufficientConnects,
    InvalidField,
    InvalidInput,
    LimitExceeded,
    NotAllowed,
    NotFound,
    PaymentDeclined,
    PriceChanged,
    Refusal,
    TryAgain,
    restore,
)

REFUSALS = [
    InsufficientConnects("Too little.", 5, 2, AccountKind.CLIENT, 60, 1_796_083_200_000_000),
    InsufficientConnects("Too little.", required=5, available=2, account_kind="AGENCY"),
    PriceChanged("Another price.", expected=1, actual=2),
    InvalidInput("Wrong."),
    InvalidInput.at("budget.amountMinor", "must be positive"),
    InvalidInput.of([InvalidField(("a", "b"), "must be c"), InvalidField((), "must be d")]),
    NotFound("Not there."),
    NotAllowed("No."),
    Conflict("Done before."),
    IdempotencyKeyReused(),
    PaymentDeclined("The card was declined."),
    LimitExceeded("Too much.", limit=10, used=9),
    LimitExceeded("Too much.", limit=10, used=10, resets_at=Instant(1)),
    TryAgain(),
    TryAgain("“Später” \N{HOURGLASS}"),
]


class Store(Protocol):
    def dumps(self, value: Any, /) -> Any: ...
    def loads(self, text: Any, /) -> Any: ...


def every_kind_below(base: type[Refusal]) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        yield kind
        yield from every_kind_below(kind)


def test_every_kind_of_refusal_is_looked_at_below() -> None:
    assert {type(refusal) for refusal in REFUSALS} == set(every_kind_below(Refusal))


@pytest.mark.parametrize("store", [json, orjson], ids=["json", "orjson"])
@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_survives_being_stored(refusal: Refusal, store: Store) -> None:
    again = restore(refusal.code, store.loads(store.dumps(refusal.details())))
    assert type(again) is type(refusal)
    for field in fields(refusal):
        assert getattr(again, field.name) == getattr(refusal, field.name), field.name
    assert (str(again), again.retryable) == (refusal.message, refusal.retryable)
    assert again.details() == refusal.details()


def test_codes_are_unique() -> None:
    kinds = list(every_kind_below(Refusal))
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_an_unknown_code_cannot_be_restored() -> None:
    with pytest.raises(KeyError):
        restore("NO_SUCH_CODE", {"message": ""})


def test_only_a_passing_fault_and_a_limit_that_resets_are_worth_repeating() -> None:
    resetting = [r for r in REFUSALS if isinstance(r, LimitExceeded) and r.resets_at is not None]
    passing = [r for r in REFUSALS if isinstance(r, TryAgain)]

    assert [r for r in REFUSALS if r.retryable] == [*resetting, *passing]
    assert resetting


def test_wrong_input_names_the_field_and_what_it_must_be() -> None:
    refusal = InvalidInput.at("budget.amountMinor", "must be positive")
    assert refusal.fields == (InvalidField(("budget", "amountMinor"), "must be positive"),)
    assert refusal.message == "budget.amountMinor: must be positive"


def test_all_wrong_fields_are_named_at_once() -> None:
    refusal = InvalidInput.of([InvalidField(("title",), "is empty"), InvalidField(("b",), "is c")])
    assert refusal.message == "title: is empty; b: is c"


def test_the_shortfall_is_what_is_missing() -> None:
    assert InsufficientConnects("", 7, 3, "CLIENT").shortfall == 4
