"""The peer's spend: one transaction for each."""

from typing import NamedTuple

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from benchmarks.textbook.models import Entry, Idempotency, Invitation, Wallet


class InsufficientFundsError(Exception):
    """The wallet has fewer Connects than are to be spent."""

    def __init__(self, required: int, available: int) -> None:
        super().__init__()
        self.required = required
        self.available = available


class Spent(NamedTuple):
    """The rows that a spend made, and whether they were there from an earlier call."""

    invitation: Invitation
    entry: Entry
    wallet: Wallet
    replayed: bool


async def invite(
    wallet_id: int, freelancer_id: int, connects: int, message: str, key: str
) -> Spent:
    """Spends `connects` on an invitation, once for each key."""
    try:
        return await _invite(wallet_id, freelancer_id, connects, message, key)
    except IntegrityError:
        # Somebody else was first with this key: what they left behind is the answer.
        return await _invite(wallet_id, freelancer_id, connects, message, key)


async def _invite(
    wallet_id: int, freelancer_id: int, connects: int, message: str, key: str
) -> Spent:
    async with in_transaction() as connection:
        earlier = await Idempotency.get_or_none(key=key, using_db=connection)
        if earlier is not None:
            return Spent(
                await Invitation.get(id=earlier.outcome["invitation"], using_db=connection),
                await Entry.get(id=earlier.outcome["entry"], using_db=connection),
                await Wallet.get(id=wallet_id, using_db=connection),
                replayed=True,
            )
        wallet = await Wallet.select_for_update().using_db(connection).get(id=wallet_id)
        if wallet.available < connects:
            raise InsufficientFundsError(connects, wallet.available)
        wallet.available -= connects
        wallet.sequence += 1
        await wallet.save(using_db=connection, update_fields=["available", "sequence"])
        entry = await Entry.create(
            using_db=connection,
            wallet=wallet,
            sequence=wallet.sequence,
            kind="SPEND",
            action="INVITE_FREELANCER",
            connects=-connects,
            available_after=wallet.available,
        )
        invitation = await Invitation.create(
            using_db=connection,
            wallet=wallet,
            freelancer_id=freelancer_id,
            message=message,
            connects=connects,
            status="PENDING",
        )
        outcome = {"invitation": invitation.id, "entry": entry.id}
        await Idempotency.create(using_db=connection, key=key, outcome=outcome)
    return Spent(invitation, entry, wallet, replayed=False)
