"""Reading wallets: what is available this instant, due grants in and lapsed lots out."""

from typing import Final, NamedTuple
from uuid import UUID

from models.ledger.commands import Command, Decision, Facts, Posted
from models.rules.actions import ConnectsAction
from models.rules.facts import Entry, ListedEntry, Lot, Wallet
from models.rules.instants import DAY
from models.rules.kinds import EntryKind
from models.rules.postings import UpcomingGrant, upcoming_grant
from models.rules.refusals import InvalidInput
from models.store import wallets
from models.store.entry_pages import NEWEST, EntriesBelow
from models.store.pages import Page, Sliced
from models.store.wallets import EVERY_ENTRY, EntryFilter
from resolvers.inputs import Checks
from resolvers.services import Services

EXPIRING_DAYS: Final = 3660


async def current(services: Services, account_id: UUID) -> Wallet:
    """The account's wallet as it is this instant: what is due is booked first."""
    wallet = await services.loaders.wallets.load(account_id)
    assert wallet is not None, "every account has a wallet"
    if wallet.next_event_at > services.clock():
        return wallet
    posted = await services.ledger.post(Command(decide=_nothing, account_id=account_id))
    assert posted.wallet is not None
    return posted.wallet


def _nothing(_facts: Facts) -> Decision:
    return Decision()


class WalletAfter(NamedTuple):
    """The wallet after a command, and the entry that moved its Connects, if they moved."""

    wallet: Wallet
    entry: Entry | None


async def after(services: Services, account_id: UUID, posted: Posted) -> WalletAfter:
    """What a command left behind, read again where it was carried out earlier."""
    wallet = posted.wallet or await current(services, account_id)
    entry = posted.entry
    if entry is None and posted.sequence is not None:
        entry = await services.loaders.entries.load((account_id, posted.sequence))
    return WalletAfter(wallet, entry)


async def next_grant(services: Services, wallet: Wallet) -> UpcomingGrant | None:
    return upcoming_grant(wallet, await services.loaders.prices())


async def expiring(services: Services, account_id: UUID, within_days: int) -> list[Lot]:
    """The live lots that lapse within 0 to EXPIRING_DAYS days, the next one first."""
    if not 0 <= within_days <= EXPIRING_DAYS:
        raise InvalidInput.at("withinDays", f"must be 0 to {EXPIRING_DAYS}, not {within_days}")
    until = services.clock() + within_days * DAY
    return await wallets.expiring(services.database, account_id, until)


async def available_at(services: Services, account_id: UUID, at: int) -> int:
    """What was available at the instant `at`, which must not lie in the future."""
    if at > services.clock():
        raise InvalidInput.at("time", "lies in the future; see nextGrant and expiring")
    return await wallets.available_at(services.database, account_id, at)


async def entries(
    services: Services, account_id: UUID, wanted: EntryFilter, page: Page
) -> Sliced[ListedEntry]:
    """The wallet's entries, newest first. Raises InvalidInput for a filter of too many words.

    Pages from the newest on are read together with those of other requests.
    """
    if wanted == EVERY_ENTRY and not page.backwards and page.before is None:
        (below,) = page.after or (NEWEST,)
        newest = EntriesBelow(account_id, below, page.limit)
        return Sliced.of(await services.loaders.newest_entries.load(newest), page)
    checks = Checks()
    checks.most("filter.kinds", wanted.kinds or (), len(EntryKind))
    checks.most("filter.actions", wanted.actions or (), len(ConnectsAction))
    checks.done()
    return await wallets.entries(services.database, account_id, wanted, page)


async def lots(services: Services, account_id: UUID, only_live: bool, page: Page) -> Sliced[Lot]:
    """The wallet's lots in the order in which they are drawn."""
    return await wallets.lots(services.database, account_id, only_live, page)
