"""The ledger's values: wallets, lots, entries and draws.

They match the tables column by column and are the input and output of the rules. Lots and entries
are keyed by wallet and sequence number; a lot has the number of the entry that created it.
"""

from typing import Final, NamedTuple
from uuid import UUID

from models.rules.instants import FOREVER

GENESIS: Final = bytes(32)
"""The `prev_hash` of a wallet's first entry."""


class Wallet(NamedTuple):
    """An account's Connects.

    `next_event_at` is no later than the next due grant, expiry or return; `next_return_at` no later
    than the next return.
    """

    account_id: UUID
    account_kind: str
    available: int
    held: int
    sequence: int
    head_hash: bytes
    next_event_at: int
    last_grant_month: int
    updated_at: int
    next_return_at: int = FOREVER


class Lot(NamedTuple):
    """Connects that were credited together by entry `sequence`. Fields are in column order."""

    account_id: UUID
    sequence: int
    source: str
    granted: int
    remaining: int
    held: int
    created_at: int
    expires_at: int
    grant_month: int | None
    purchase_id: UUID | None

    @property
    def drawing_order(self) -> tuple[int, int]:
        """Earliest expiry first, then oldest."""
        return (self.expires_at, self.sequence)


class Entry(NamedTuple):
    """One immutable line of a wallet's ledger. `connects` is signed: +60, -1."""

    account_id: UUID
    sequence: int
    kind: str
    connects: int
    available_after: int
    held_after: int
    action: str | None
    subject_id: UUID | None
    actor_id: UUID | None
    created_at: int
    prev_hash: bytes
    hash: bytes


class ListedEntry(NamedTuple):
    """An entry as shown in lists, without the fields that only the ledger needs."""

    account_id: UUID
    sequence: int
    kind: str
    connects: int
    available_after: int
    action: str | None
    subject_id: UUID | None
    actor_id: UUID | None
    created_at: int


AnyEntry = Entry | ListedEntry


class Draw(NamedTuple):
    """What entry `sequence` took from lot `lot_sequence`; negative for a return to it."""

    account_id: UUID
    sequence: int
    lot_sequence: int
    connects: int


class PastSpend(NamedTuple):
    """What a spend took: its action, and each lot in its current state with the Connects taken."""

    action: str
    parts: tuple[tuple[Lot, int], ...]
