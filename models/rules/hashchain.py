"""The hash chain that makes a wallet's ledger tamper-evident.

Each entry's hash is SHA-256 over the previous entry's hash and the entry's own facts, including the
lot it created and its draws. Changing a fact unnoticed requires rewriting every later entry of the
wallet and the wallet's head. The hashed text consists only of numbers, UUIDs and words from closed
lists, so `|` and `,` cannot occur within a part.
"""

from collections.abc import Sequence
from hashlib import sha256

from models.rules.facts import Draw, Entry, Lot


def entry_hash(entry: Entry, lot: Lot | None, draws: Sequence[Draw]) -> bytes:
    """Returns the 32-byte hash of `entry` (its own `hash` is ignored).

    `lot` is the lot that the entry created, if any; `draws` are its draws ordered by
    `lot_sequence`.
    """
    brought = (
        "-"
        if lot is None
        else f"{lot.source},{lot.granted},{lot.created_at},{lot.expires_at},"
        f"{lot.grant_month},{lot.purchase_id}"
    )
    drawn = ",".join(f"{draw.lot_sequence}:{draw.connects}" for draw in draws)
    text = (
        f"{entry.account_id}|{entry.sequence}|{entry.kind}|{entry.connects}"
        f"|{entry.available_after}|{entry.held_after}|{entry.action}|{entry.subject_id}"
        f"|{entry.actor_id}|{entry.created_at}|{brought}|{drawn}"
    )
    return sha256(entry.prev_hash + text.encode()).digest()
