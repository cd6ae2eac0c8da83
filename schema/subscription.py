"""The subscriptions."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

import strawberry

from models.rules import facts
from models.rules.refusals import InvalidInput, InvalidReason
from resolvers import access
from resolvers.wallets import Moment
from schema.context import Info
from schema.ids import required_id
from schema.types.entry import Entry

_SEQUENCE: Final = re.compile(r"[0-9]{1,9}")


@strawberry.type(description="The root of all subscriptions.")
class Subscription:
    @strawberry.subscription(
        description="Each new entry of a wallet's ledger, in order and without gaps, after it "
        "is committed. Only members of the account can subscribe."
    )
    async def wallet_entry_added(
        self,
        info: Info,
        account_id: Annotated[
            strawberry.ID,
            strawberry.argument(description="The ID of the account that owns the wallet."),
        ],
        after: Annotated[
            int | None,
            strawberry.argument(
                description="The sequence of the last entry that you have, or 0 for none. Entries "
                "after it are sent first. If it is not given, only new entries are sent."
            ),
        ] = None,
    ) -> AsyncIterator[Entry]:
        # Not a generator itself, so that what is refused is refused before anything is streamed.
        services, user = info.context.services, info.context.signed_in()
        account = required_id("accountId", account_id, "Account")
        await access.own_account(services, user, account)
        last = after if (given := info.context.last_event_id) is None else _sequence(given)
        return _entries(await services.feed.entries(account, last), info.context.moment)


def _sequence(last_event_id: str) -> int:
    """What Last-Event-ID says, which a browser sends when it comes again. Raises InvalidInput."""
    if not _SEQUENCE.fullmatch(last_event_id):
        message = "The header Last-Event-ID must be the id of an event that was sent here."
        raise InvalidInput.at("after", message, InvalidReason.NOT_A_CURSOR)
    return int(last_event_id)


async def _entries(
    rows: AsyncGenerator[facts.Entry, None], moment: Moment
) -> AsyncGenerator[Entry, None]:
    """Each entry as it comes. What is given with it is of a moment of its own."""
    async with aclosing(rows):
        async for row in rows:
            moment.clear()
            yield Entry(row)
