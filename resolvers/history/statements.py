"""Statements: what a range of a wallet's entries adds up to, and its lines.

A statement is of the moment at which its operation read the wallet, as all else is.
"""

from collections.abc import AsyncIterator
from typing import Final, NamedTuple

from models.money import Money
from models.rules import statements as rules
from models.rules.facts import Wallet
from models.rules.instants import DAY
from models.rules.refusals import InvalidReason
from models.store.history import statement_lines, sums
from models.store.history.statement_lines import StatementLine
from models.store.history.sums import Span
from resolvers.history import addresses
from resolvers.history.addresses import Format, Named
from resolvers.inputs import Checks
from resolvers.services import Services

LONGEST_DAYS: Final = 3660
LINES_TOGETHER: Final = 500
"""How many lines are read by one statement and held at a time."""


class WalletStatement(NamedTuple):
    """What `named` adds up to, and what was paid in each currency."""

    named: Named
    parts: rules.StatementParts
    paid: list[Money]


def check_range(services: Services, start: int, end: int) -> None:
    """Raises InvalidInput for what is not a range of up to LONGEST_DAYS days in the past."""
    now, checks = services.clock(), Checks()
    for path, instant in (("from", start), ("to", end)):
        if instant > now:
            checks.wrong(path, "lies in the future", InvalidReason.IN_THE_FUTURE)
    checks.order("from", start, "to", end)
    if end - start > LONGEST_DAYS * DAY:
        message = f"must be at most {LONGEST_DAYS} days before to"
        checks.wrong("from", message, InvalidReason.TOO_LARGE, LONGEST_DAYS)
    checks.done()


async def statement(services: Services, wallet: Wallet, start: int, end: int) -> WalletStatement:
    """The statement of [start, end). Raises InvalidInput as `check_range` does."""
    check_range(services, start, end)
    account_id = wallet.account_id
    span = await sums.span(services.database, account_id, wallet.sequence, start, end)
    return await of_named(services, Named(account_id, start, end, span))


async def of_named(services: Services, named: Named) -> WalletStatement:
    """The statement that an address names."""
    database, account_id, span = services.database, named.account_id, named.span
    async with services.loaders.summing:
        parts = rules.statement(
            await sums.standing(database, account_id, span.after),
            await sums.standing(database, account_id, span.upto),
            await sums.sums(database, account_id, span),
        )
        paid = await sums.paid(database, account_id, span)
    return WalletStatement(named, parts, [Money(total, currency) for currency, total in paid])


def address(services: Services, named: Named, form: Format) -> str:
    """An address of the statement, good for addresses.LIFETIME. For members only."""
    expires_at = services.clock() + addresses.LIFETIME
    return addresses.address(services.signing_key, form, named, expires_at)


def read_address(services: Services, form: Format, key: str) -> Named:
    """What an address names. Raises BadAddressError and ExpiredAddressError."""
    return addresses.read(services.signing_key, form, key, services.clock())


async def lines(
    services: Services, named: Named, most: int | None = None
) -> AsyncIterator[list[StatementLine]]:
    """The first `most` lines of a statement, oldest first, up to LINES_TOGETHER at a time."""
    after, upto = named.span
    if most is not None:
        upto = min(upto, after + most)
    while after < upto:
        span = Span(after, upto)
        found = await statement_lines.read(
            services.database, named.account_id, span, LINES_TOGETHER
        )
        if not found:
            return
        after = found[-1].sequence
        yield found
