"""The contestant's ledger: takes Connects from a wallet and writes hash-chained entries."""

from hashlib import sha256

from tortoise.backends.base.client import BaseDBAsyncClient

from benchmarks.textbook.models import Draw, Entry, Invitation, Lot, User, Wallet


async def book(
    user: User, wallet: Wallet, invitation: Invitation, connection: BaseDBAsyncClient
) -> Entry:
    """Takes the invitation's Connects from the lots that expire first, and from the wallet."""
    draws = await _draw(wallet, invitation.connects, connection)
    entry = Entry(
        sequence=wallet.sequence + 1,
        account_id=wallet.account_id,
        kind="SPEND",
        connects=-invitation.connects,
        available_after=wallet.available - invitation.connects,
        held_after=wallet.held,
        action="INVITE_FREELANCER",
        subject_id=invitation.id,
        actor_id=user.id,
        created_at=invitation.created_at,
        prev_hash=wallet.head_hash,
    )
    entry.hash = _hash(entry, draws)
    await entry.save(using_db=connection)
    await Draw.bulk_create(draws, using_db=connection)
    wallet.available = entry.available_after
    wallet.sequence = entry.sequence
    wallet.head_hash = entry.hash
    wallet.updated_at = entry.created_at
    changed = ["available", "sequence", "head_hash", "updated_at"]
    if invitation.returnable:
        wallet.next_return_at = min(wallet.next_return_at, invitation.expires_at)
        wallet.next_event_at = min(wallet.next_event_at, invitation.expires_at)
        changed += ["next_return_at", "next_event_at"]
    await wallet.save(using_db=connection, update_fields=changed)
    return entry


async def _draw(wallet: Wallet, connects: int, connection: BaseDBAsyncClient) -> list[Draw]:
    """Returns what is taken from each lot, by the lots' sequence, which is the hash's order."""
    live = Lot.filter(account_id=wallet.account_id, remaining__gt=0).using_db(connection)
    draws = []
    for lot in await live.order_by("expires_at", "sequence").limit(connects):
        part = min(lot.remaining, connects)
        connects -= part
        changed = Lot.filter(account_id=wallet.account_id, sequence=lot.sequence)
        await changed.using_db(connection).update(remaining=lot.remaining - part)
        draws.append(
            Draw(
                account_id=wallet.account_id,
                sequence=wallet.sequence + 1,
                lot_sequence=lot.sequence,
                connects=part,
            )
        )
        if not connects:
            break
    return sorted(draws, key=lambda draw: draw.lot_sequence)


def _hash(entry: Entry, draws: list[Draw]) -> bytes:
    facts = (
        entry.account_id,
        entry.sequence,
        entry.kind,
        entry.connects,
        entry.available_after,
        entry.held_after,
        entry.action,
        entry.subject_id,
        entry.actor_id,
        entry.created_at,
        "-",
        ",".join(f"{draw.lot_sequence}:{draw.connects}" for draw in draws),
    )
    return sha256(entry.prev_hash + "|".join(map(str, facts)).encode()).digest()
