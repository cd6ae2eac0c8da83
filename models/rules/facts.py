"""The facts of the ledger as values: wallets, lots, entries and draws.

They are what the tables hold, column by column, and what the rules take and give. A lot and an
entry are named by their wallet and a sequence number: a lot by that of the entry that brought it.
"""

from typing import Final, NamedTuple
from uuid import UUID

from models.rules.instants import FOREVER

GENESIS: Final = bytes(32)
"""The `prev_hash` of a wallet's first entry."""


class Wallet(NamedTuple):
    """An account's Connects.

    `next_event_at` is no later than the next due grant, expiry or return; `next_return_at` no
    later than the next return.
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
    """Connects that came in together with entry `sequence`, in the columns' order."""

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
        """Earliest-expiring first, then oldest."""
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
    """An entry as lists of entries have it: without what only the books need."""

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
    """What entry `sequence` took from lot `lot_sequence`; negative: gave back to it."""

    account_id: UUID
    sequence: int
    lot_sequence: int
    connects: int


class Spent(NamedTuple):
    """What a spend took: the action it paid for, and each lot as it is now with the Connects."""

    action: str
    parts: tuple[tuple[Lot, int], ...]
