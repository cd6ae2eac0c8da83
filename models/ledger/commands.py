"""Commands: what the ledger is asked to do, and what it answers.

A command names a wallet, the caller's intent, and the rows its decision needs. Its `decide` is
called with those rows locked and the wallet up to date; it is pure, and may be called again
where the database asks for the work to be repeated.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from tortoise.models import Model

from models.rules.facts import Entry, Wallet
from models.rules.kinds import AccountKind
from models.rules.postings import Credit, Hold, Release, Return, Spend
from models.rules.prices import PriceList

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Lookup(Generic[M]):
    """Names the rows of `model` whose `columns` equal `key`.

    They stay unchanged until the command is committed; `exclusive` where it will change them, or
    keeps others from adding rows that belong to them. A row that somebody else adds meanwhile is
    among them for sure where the wallet's lock or an exclusive one is needed to add it, and the
    model whose rows it locks stands before its own in `tables.MODELS`.
    """

    model: type[M]
    columns: tuple[str, ...]
    key: tuple[Any, ...]
    exclusive: bool = False


class Facts(NamedTuple):
    """What a decision is made on. `wallet` is None where the command names no open wallet."""

    now: int
    prices: PriceList
    wallet: Wallet | None
    rows_by_lookup: Mapping[Lookup[Any], list[Any]]

    def rows(self, lookup: Lookup[M]) -> list[M]:
        """The rows that one of the command's lookups names."""
        return cast(list[M], self.rows_by_lookup[lookup])


class Change(NamedTuple):
    """New `values`, by field name, for a row that came from an exclusive lookup."""

    row: Model
    values: Mapping[str, Any]


class Decision(NamedTuple):
    """What is to happen: the movement of Connects, the rows it creates, those it changes.

    `subject_id` is what the command was about; it is remembered with the intent. `return_at` is
    the instant at which something may come back by itself of what it spends.
    """

    subject_id: UUID | None = None
    movement: Spend | Credit | Return | Hold | Release | None = None
    inserts: tuple[Model, ...] = ()
    changes: tuple[Change, ...] = ()
    return_at: int | None = None


class Intent(NamedTuple):
    """A caller's name for one intent, and the hash of what was asked for under it."""

    user_id: UUID
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """`opens` makes the wallet of the new account `account_id`, this month's grant in it.

    `returns` is the subject whose Connects the decision may give back. `decide` gives a Decision
    or raises a Refusal. Without an intent nothing is remembered, and repeating the command must
    be harmless.
    """

    decide: Callable[[Facts], Decision]
    account_id: UUID | None = None
    actor_id: UUID | None = None
    intent: Intent | None = None
    lookups: tuple[Lookup[Any], ...] = ()
    opens: AccountKind | None = None
    returns: UUID | None = None


class Posted(NamedTuple):
    """A command that was carried out, now or (`replayed`) when it was asked for first.

    `sequence` names the entry that moved Connects, None where none moved. `wallet`, `entry` and
    `inserts` hold what was just written; after a replay they are None and empty.
    """

    account_id: UUID | None
    sequence: int | None
    subject_id: UUID | None
    replayed: bool
    wallet: Wallet | None = None
    entry: Entry | None = None
    inserts: tuple[Model, ...] = ()


def request_hash(operation: str, request: Mapping[str, Any]) -> bytes:
    """The SHA-256 of an operation's name and its input, the order of keys left aside."""
    # Not orjson, which refuses half a surrogate pair before the field that has it can be named.
    text = json.dumps([operation, request], sort_keys=True, default=str)
    return sha256(text.encode()).digest()
