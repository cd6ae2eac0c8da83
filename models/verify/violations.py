"""Violations found by verification, and names for the rows that have them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Violation:
    """A row that violates one of the design's six invariants, a checkpoint (7), or sums (8).

    `where` names the row by its table and key, as in "entry 17 of account 0192...".
    """

    invariant: int
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message} (invariant {self.invariant})"


def wallet(account_id: Any) -> str:
    return f"wallet of account {account_id}"


def entry(account_id: Any, sequence: int) -> str:
    return f"entry {sequence} of account {account_id}"


def lot(account_id: Any, sequence: int) -> str:
    return f"lot {sequence} of account {account_id}"


def draw(account_id: Any, sequence: int, lot_sequence: int) -> str:
    return f"draw of entry {sequence} from lot {lot_sequence} of account {account_id}"
