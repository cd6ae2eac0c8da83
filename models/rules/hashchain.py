"""The hash chain that makes a wallet's ledger tamper-evident.

Each entry's hash is SHA-256 over the previous entry's hash and the entry's own facts, the lot it
brought in and the draws it made included. To change one fact without being seen, one has to
rewrite every later entry of the wallet and the wallet's head. The text that is hashed is made of
numbers, UUIDs and closed-list words only, so that `|` and `,` can never occur in a part.
"""

from collections.abc import Sequence
from hashlib import sha256

from models.rules.facts import Draw, Entry, Lot


def entry_hash(entry: Entry, lot: Lot | None, draws: Sequence[Draw]) -> bytes:
    """The 32-byte hash of `entry` (its own `hash` is ignored).

    `lot` is the lot that the entry brought in, if it did; `draws` are its draws in the order of
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
