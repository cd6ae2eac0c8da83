"""A wallet's past: its lots as they stood, where they went, and how long its lists are."""

from models.rules.facts import Draw, Lot, Wallet
from models.rules.refusals import InvalidInput, InvalidReason
from models.store import wallets as stored
from models.store.history import past_lots
from models.store.pages import Page, Sliced
from models.store.wallets import EVERY_ENTRY, EntryFilter
from resolvers.services import Services


def check_past(services: Services, path: str, at: int) -> None:
    """Raises InvalidInput for an instant in the future, which the argument `path` names."""
    if at > services.clock():
        raise InvalidInput.at(path, "lies in the future", InvalidReason.IN_THE_FUTURE)


async def upto(services: Services, wallet: Wallet, at: int | None) -> int:
    """The wallet's last entry at the instant `at` or before; None: its newest.

    Raises InvalidInput for the future.
    """
    if at is None:
        return wallet.sequence
    check_past(services, "at", at)
    return await stored.sequence_at(services.database, wallet.account_id, wallet.sequence, at)


async def lots(
    services: Services, wallet: Wallet, upto: int, only_live: bool, page: Page
) -> Sliced[Lot]:
    """The lots in drawing order, as they stood at the entry `upto`."""
    return await past_lots.lots(services.database, wallet.account_id, upto, only_live, page)


async def count_lots(
    services: Services, wallet: Wallet, upto: int, only_live: bool, most: int
) -> int:
    """How many lots there were; `most` where there were more."""
    return await past_lots.count_lots(services.database, wallet.account_id, upto, only_live, most)


async def draws(services: Services, lot: Lot, upto: int, page: Page) -> Sliced[Draw]:
    """What was drawn from the lot up to the entry `upto`, newest first."""
    return await past_lots.draws(services.database, lot.account_id, lot.sequence, upto, page)


async def count_draws(services: Services, lot: Lot, upto: int, most: int) -> int:
    """How many draws that makes; `most` where there are more."""
    return await past_lots.count_draws(services.database, lot.account_id, lot.sequence, upto, most)


async def count_entries(services: Services, wallet: Wallet, wanted: EntryFilter, most: int) -> int:
    """How many of the wallet's entries are wanted; `most` where there are more."""
    if wanted == EVERY_ENTRY:
        return min(wallet.sequence, most)
    return await stored.count_entries(
        services.database, wallet.account_id, wallet.sequence, wanted, most
    )
