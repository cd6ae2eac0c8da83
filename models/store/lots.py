"""Lots as they stood when their wallet had come to a sequence.

Draws are never changed, so that what remained of a lot earlier is what remains now and what was
drawn from it since. The lots that are given with a wallet that was read before are of its moment,
though others spend from it meanwhile.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from models.rules.facts import Lot
from models.store.database import Database
from models.store.ledger_tables import LOT, lot_from
from models.store.pages import Key, Page, Sliced
from models.store.statements import SqlStatement, both


class LotAt(NamedTuple):
    """Names a lot as it stood when its wallet had come to the sequence `at`."""

    account_id: UUID
    sequence: int
    at: int


def _drawn_since(at: str) -> str:
    """The Connects drawn from a lot after the sequence `at`, less those given back."""
    # + 0: by the wallet's latest draws, which are few, not by all that were taken from the lot.
    return f"""COALESCE((
        SELECT sum(draw.connects) FROM draw WHERE draw.account_id = lot.account_id
            AND draw.sequence > {at} AND draw.lot_sequence + 0 = lot.sequence), 0)"""


def _selected(at: str) -> str:
    """A lot's columns, what remains being what remained at the sequence `at`."""
    return ", ".join(
        f"lot.remaining + {_drawn_since(at)} AS remaining"
        if column.name == "remaining"
        else f"lot.{column.name}"
        for column in LOT.columns
    )


_NAMED: Final = SqlStatement(
    f"""
    SELECT moment.value, {_selected("moment.value")} FROM json_each(?1) AS account
    JOIN json_each(?2) AS name ON name.key = account.key
    JOIN json_each(?3) AS moment ON moment.key = account.key
    JOIN lot ON lot.account_id = account.value AND lot.sequence = name.value
    """,
    f"""
    SELECT name.at, {_selected("name.at")}
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS name (account_id, sequence, at)
    JOIN lot ON lot.account_id = name.account_id AND lot.sequence = name.sequence
    """,
)
_LIVE: Final = f"lot.remaining > 0 AND lot.remaining + {_drawn_since('$2')} > 0"
_EMPTIED_SINCE: Final = f"""lot.remaining = 0 AND {_drawn_since("$2")} > 0
    AND lot.sequence IN (SELECT lot_sequence FROM draw WHERE account_id = $1 AND sequence > $2)"""


def _all(bounds: str) -> str:
    return f"""SELECT {_selected("$2")} FROM lot
        WHERE lot.account_id = $1 AND lot.sequence <= $2 {bounds}"""


def _live(bounds: str, direction: str = "ASC", limit: str = "") -> str:
    """Live lots: nearly all are live still, which an index knows; few were emptied since."""
    return f"""SELECT * FROM (
            {_ordered(f"{_all(bounds)} AND {_LIVE}", direction)}{limit}) AS live
        UNION ALL {_all(bounds)} AND {_EMPTIED_SINCE}"""


def _ordered(sql: str, direction: str) -> str:
    return f"""SELECT * FROM ({sql}) AS lot
        ORDER BY expires_at {direction}, sequence {direction}"""


_EXPIRING: Final = both(
    _ordered(_live("AND lot.expires_at <= $3", limit=" LIMIT $4"), "ASC") + " LIMIT $4"
)


async def read(database: Database, names: Sequence[LotAt]) -> dict[LotAt, Lot]:
    """The lots that `names` name, as far as there are such lots."""
    found = {}
    columns = map(list, zip(*dict.fromkeys(names), strict=True))
    for at, *row in await database.fetch(_NAMED, *columns):
        lot = lot_from(row)
        found[LotAt(lot.account_id, lot.sequence, at)] = lot
    return found


async def expiring(
    database: Database, account_id: UUID, at: int, until: int, most: int
) -> list[Lot]:
    """The first `most` live lots that lapse at the instant `until` or before, the next first."""
    rows = await database.fetch(_EXPIRING, account_id, at, until, most)
    return [lot_from(row) for row in rows]


async def page(
    database: Database, account_id: UUID, at: int, only_live: bool, page: Page
) -> Sliced[Lot]:
    """A page of a wallet's lots in the order in which they are drawn."""
    bounds, parameters = "", [account_id, at]
    for key, comparison in ((page.after, ">"), (page.before, "<")):
        bounds += _beside(key, comparison, parameters)
    direction = "DESC" if page.backwards else "ASC"
    limit = f" LIMIT {page.limit}"
    sql = _live(bounds, direction, limit) if only_live else _all(bounds)
    rows = await database.fetch(both(_ordered(sql, direction) + limit), *parameters)
    return Sliced.of([lot_from(row) for row in rows], page)


def _beside(key: Key | None, comparison: str, parameters: list[Any]) -> str:
    if key is None:
        return ""
    first = len(parameters) + 1
    parameters += key
    return f" AND (lot.expires_at, lot.sequence) {comparison} (${first}, ${first + 1})"
