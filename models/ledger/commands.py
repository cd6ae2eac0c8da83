"""Commands: requests to the ledger, and their results.

A command names a wallet, the caller's intent, and the rows that its decision needs. `decide` is
called with those rows locked and the wallet up to date. It is pure and may be called again if the
database requires a retry.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast
from uuid import UUID

from tortoise.models import Model

from models.rules.facts import Entry, Wallet
from models.rules.kinds import AccountKind
from models.rules.postings import Credit, Hold, Release, Return, Spend
from models.rules.prices import PriceList

M = TypeVar("M", bound=Model)
_ENCODER: Final = json.JSONEncoder(sort_keys=True, default=str)
"""Not orjson: it rejects lone surrogates before the invalid field can be reported.

One for all requests: `json.dumps` would make one for each, in twice the time of encoding.
"""


@dataclass(frozen=True, slots=True)
class Lookup(Generic[M]):
    """Selects the rows of `model` whose `columns` equal `key`.

    The rows stay unchanged until the command is committed. Use `exclusive` if the command changes
    them or must prevent inserts of rows that belong to them. A row inserted concurrently is
    guaranteed to be included only if inserting it requires the wallet's lock or an exclusive lock,
    and the model whose rows are locked precedes its own in `tables.MODELS`.
    """

    model: type[M]
    columns: tuple[str, ...]
    key: tuple[Any, ...]
    exclusive: bool = False


class Facts(NamedTuple):
    """The input of a decision. `wallet` is None if the command names no open wallet."""

    now: int
    prices: PriceList
    wallet: Wallet | None
    rows_by_lookup: Mapping[Lookup[Any], list[Any]]

    def rows(self, lookup: Lookup[M]) -> list[M]:
        """Returns the rows selected by one of the command's lookups."""
        return cast(list[M], self.rows_by_lookup[lookup])


class Change(NamedTuple):
    """New `values`, by field name, for a row from an exclusive lookup."""

    row: Model
    values: Mapping[str, Any]


class Decision(NamedTuple):
    """The result of `decide`: the movement of Connects, the rows to insert, the rows to change.

    `subject_id` is the subject of the command and is stored with the intent. `return_at` is the
    instant at which part of the spend may be returned automatically.
    """

    subject_id: UUID | None = None
    movement: Spend | Credit | Return | Hold | Release | None = None
    inserts: tuple[Model, ...] = ()
    changes: tuple[Change, ...] = ()
    return_at: int | None = None


class Intent(NamedTuple):
    """A caller's idempotency key, and the hash of the request made with it."""

    user_id: UUID
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """A request to the ledger. `opens` creates the wallet of the new account `account_id`.

    A new wallet includes this month's grant. `returns` is the subject whose Connects the decision
    may return. `decide` returns a Decision or raises a Refusal. Without an intent nothing is
    remembered, and repeating the command must be harmless.
    """

    decide: Callable[[Facts], Decision]
    account_id: UUID | None = None
    actor_id: UUID | None = None
    intent: Intent | None = None
    lookups: tuple[Lookup[Any], ...] = ()
    opens: AccountKind | None = None
    returns: UUID | None = None


class Posted(NamedTuple):
    """The result of a command that succeeded, now or, if `replayed`, on its first call.

    `sequence` is the number of the entry that moved Connects, None if none moved. `wallet`, `entry`
    and `inserts` hold what was just written; for a replay they are None and empty.
    """

    account_id: UUID | None
    sequence: int | None
    subject_id: UUID | None
    replayed: bool
    wallet: Wallet | None = None
    entry: Entry | None = None
    inserts: tuple[Model, ...] = ()


def request_hash(operation: str, request: Mapping[str, Any]) -> bytes:
    """Returns the SHA-256 of an operation's name and its input, independent of key order."""
    return sha256(_ENCODER.encode([operation, request]).encode()).digest()
