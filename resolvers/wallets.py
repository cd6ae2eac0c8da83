"""Reading wallets: what is available this instant, due grants in and lapsed lots out.

Whatever one operation gives of a wallet is of one moment: that of the row which it read first. All
else is read as it stood at that row's sequence, though others move the wallet meanwhile.
"""

from typing import Final, NamedTuple
from uuid import UUID

from models.ledger.commands import Command, Decision, Facts, Posted
from models.rules.actions import ConnectsAction
from models.rules.facts import Entry, ListedEntry, Lot, Wallet
from models.rules.instants import DAY
from models.rules.kinds import EntryKind
from models.rules.postings import UpcomingGrant, upcoming_grant
from models.rules.prices import PriceList
from models.rules.refusals import InvalidInput, InvalidReason
from models.store import lots as stored_lots
from models.store import wallets
from models.store.entry_pages import EntriesBelow
from models.store.lots import LotAt
from models.store.pages import Page, Sliced
from models.store.wallets import EVERY_ENTRY, EntryFilter
from resolvers.inputs import Checks
from resolvers.services import Services

EXPIRING_DAYS: Final = 3660


async def current(services: Services, account_id: UUID) -> Wallet:
    """The account's wallet as it is this instant: what is due is booked first."""
    wallet = await services.loaders.wallets.load(account_id)
    assert wallet is not None, "every account has a wallet"
    now = services.clock()
    if wallet.next_event_at > now and not (
        wallet.held and await services.loaders.has_ended_hold(account_id, now)
    ):
        return wallet
    posted = await services.ledger.post(Command(decide=_nothing, account_id=account_id))
    assert posted.wallet is not None
    return posted.wallet


class Moment(dict[UUID, Wallet]):
    """The wallets that one operation has read, by their accounts; one for each operation.

    A mutation clears it when it begins, and puts the wallet in that it has moved. `prices` is the
    price list that the operation has read.
    """

    prices: PriceList | None = None

    def clear(self) -> None:
        super().clear()
        self.prices = None


async def of_moment(services: Services, moment: Moment, account_id: UUID) -> Wallet:
    """The account's wallet as the operation has read it, or else as it is this instant."""
    wallet = moment.get(account_id)
    if wallet is None:
        # Of those who read it at the same time, all take what came first.
        wallet = moment.setdefault(account_id, await current(services, account_id))
    return wallet


async def prices_of_moment(services: Services, moment: Moment) -> PriceList:
    """The price list as the operation has read it, or else as it is now."""
    if moment.prices is None:
        moment.prices = await services.loaders.prices()
    return moment.prices


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


def check_days(within_days: int) -> None:
    """Raises InvalidInput for what is not 0 to EXPIRING_DAYS days."""
    checks = Checks()
    checks.within("withinDays", within_days, 0, EXPIRING_DAYS)
    checks.done()


def check_past(services: Services, at: int) -> None:
    """Raises InvalidInput for an instant in the future."""
    if at > services.clock():
        message = "lies in the future; see nextGrant and expiring"
        raise InvalidInput.at("time", message, InvalidReason.IN_THE_FUTURE)


def check_filter(wanted: EntryFilter) -> None:
    """Raises InvalidInput for a filter of too many words."""
    checks = Checks()
    checks.most("filter.kinds", wanted.kinds or (), len(EntryKind))
    checks.most("filter.actions", wanted.actions or (), len(ConnectsAction))
    checks.done()


async def expiring(services: Services, wallet: Wallet, within_days: int, most: int) -> list[Lot]:
    """The first `most` live lots that lapse within 0 to EXPIRING_DAYS days, the next one first."""
    check_days(within_days)
    until = services.clock() + within_days * DAY
    return await stored_lots.expiring(
        services.database, wallet.account_id, wallet.sequence, until, most
    )


async def available_at(services: Services, wallet: Wallet, at: int) -> int:
    """What was available at the instant `at`, which must not lie in the future."""
    check_past(services, at)
    return await wallets.available_at(services.database, wallet.account_id, wallet.sequence, at)


async def entries(
    services: Services, wallet: Wallet, wanted: EntryFilter, page: Page
) -> Sliced[ListedEntry]:
    """The wallet's entries, newest first. Raises InvalidInput for a filter of too many words.

    Pages from the newest on are read together with those of other requests.
    """
    if wanted == EVERY_ENTRY and not page.backwards and page.before is None:
        below = wallet.sequence + 1
        if page.after is not None:
            below = min(below, page.after[0])
        newest = EntriesBelow(wallet.account_id, below, page.limit)
        return Sliced.of(await services.loaders.newest_entries.load(newest), page)
    check_filter(wanted)
    return await wallets.entries(
        services.database, wallet.account_id, wallet.sequence, wanted, page
    )


async def lots(services: Services, wallet: Wallet, only_live: bool, page: Page) -> Sliced[Lot]:
    """The wallet's lots in the order in which they are drawn."""
    return await stored_lots.page(
        services.database, wallet.account_id, wallet.sequence, only_live, page
    )


async def lot(services: Services, moment: Moment, account_id: UUID, sequence: int) -> Lot | None:
    """A lot, with what remains of it: what is due is booked first. None where there is none."""
    wallet = await of_moment(services, moment, account_id)
    return await services.loaders.lots.load(LotAt(account_id, sequence, wallet.sequence))
