"""Lots as they stood at any entry of their wallet, however long ago, and what was drawn from them.

`models.store.lots` reads the same for the latest entries, by the wallet's latest draws. Here each
lot's own draws are read, by the index draw_of_lot.
"""

from typing import Any, Final
from uuid import UUID

from models.rules.facts import Draw, Lot
from models.store.database import Database
from models.store.ledger_tables import DRAW, LOT, draw_from, lot_from
from models.store.pages import Page, Sliced
from models.store.search.ranked import SortOrder
from models.store.statements import both
from models.store.wallets import keyset

_DRAWN_LATER: Final = """COALESCE((
    SELECT sum(draw.connects) FROM draw WHERE draw.account_id = lot.account_id
        AND draw.lot_sequence = lot.sequence AND draw.sequence > $2), 0)"""
_COLUMNS: Final = ", ".join(
    f"lot.remaining + {_DRAWN_LATER} AS remaining"
    if column.name == "remaining"
    else f"lot.{column.name}"
    for column in LOT.columns
)
_LOTS: Final = f"""SELECT * FROM (
    SELECT {_COLUMNS} FROM lot WHERE lot.account_id = $1 AND lot.sequence <= $2) AS lot
    WHERE lot.remaining >= $3"""
_COUNTED_LOTS: Final = f"SELECT count(*) FROM ({_LOTS} LIMIT $4) AS counted"
_DRAWS: Final = f"""SELECT {DRAW.selected} FROM draw
    WHERE account_id = $1 AND lot_sequence = $2 AND sequence <= $3"""
_COUNTED_DRAWS: Final = f"SELECT count(*) FROM ({_DRAWS} LIMIT $4) AS counted"
_BY_EXPIRY: Final = SortOrder(("expires_at", "sequence"), descending=False)
_NEWEST_FIRST: Final = SortOrder(("sequence",), descending=True)


async def lots(
    database: Database, account_id: UUID, upto: int, only_live: bool, page: Page
) -> Sliced[Lot]:
    """A page of the lots in drawing order, as they stood at the entry `upto`."""
    parameters: list[Any] = [account_id, upto, int(only_live)]
    rows = await keyset(database, _LOTS, parameters, page, _BY_EXPIRY)
    return Sliced.of([lot_from(row) for row in rows], page)


async def count_lots(
    database: Database, account_id: UUID, upto: int, only_live: bool, most: int
) -> int:
    """How many lots `lots` has; `most` where there are more."""
    live = int(only_live)
    return await _number(database, _COUNTED_LOTS, account_id, upto, live, most)


async def draws(
    database: Database, account_id: UUID, lot_sequence: int, upto: int, page: Page
) -> Sliced[Draw]:
    """A page of what was drawn from a lot up to the entry `upto`, newest first."""
    parameters: list[Any] = [account_id, lot_sequence, upto]
    rows = await keyset(database, _DRAWS, parameters, page, _NEWEST_FIRST)
    return Sliced.of([draw_from(row) for row in rows], page)


async def count_draws(
    database: Database, account_id: UUID, lot_sequence: int, upto: int, most: int
) -> int:
    """How many draws `draws` has; `most` where there are more."""
    return await _number(database, _COUNTED_DRAWS, account_id, lot_sequence, upto, most)


async def _number(database: Database, sql: str, *parameters: object) -> int:
    ((number,),) = await database.fetch(both(sql), *parameters)
    return int(number)
