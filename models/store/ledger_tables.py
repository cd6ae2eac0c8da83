"""The ledger's tables and the statements that read them.

Their rows are the values of `models.rules.facts`, column by column.
"""

from typing import Final, NamedTuple
from uuid import UUID

import orjson

from models.identifiers import parse_uuid
from models.rules.boosts import BoostState, Ending, state_at
from models.rules.facts import Draw, Entry, ListedEntry, Lot, Wallet
from models.rules.kinds import BoostStatus, JobStatus
from models.rules.prices import CostRule, GrantRule, Package, PriceList, ReturnRule
from models.store.database import grouped
from models.store.statements import Column, SqlStatement, Table, both, instance_of, table_of
from models.store.transactions import Row
from models.tables import Boost

WALLET = Table(
    "wallet",
    (
        Column("account_id", "uuid"),
        Column("account_kind", "text"),
        Column("available", "integer"),
        Column("held", "integer"),
        Column("sequence", "bigint"),
        Column("head_hash", "bytea"),
        Column("next_event_at", "bigint"),
        Column("last_grant_month", "integer"),
        Column("updated_at", "bigint"),
        Column("next_return_at", "bigint"),
    ),
)
LOT = Table(
    "lot",
    (
        Column("account_id", "uuid"),
        Column("sequence", "bigint"),
        Column("source", "text"),
        Column("granted", "integer"),
        Column("remaining", "integer"),
        Column("held", "integer"),
        Column("created_at", "bigint"),
        Column("expires_at", "bigint"),
        Column("grant_month", "integer"),
        Column("purchase_id", "uuid"),
    ),
    key_size=2,
)
ENTRY = Table(
    "entry",
    (
        Column("account_id", "uuid"),
        Column("sequence", "bigint"),
        Column("kind", "text"),
        Column("connects", "integer"),
        Column("available_after", "integer"),
        Column("held_after", "integer"),
        Column("action", "text"),
        Column("subject_id", "uuid"),
        Column("actor_id", "uuid"),
        Column("created_at", "bigint"),
        Column("prev_hash", "bytea"),
        Column("hash", "bytea"),
    ),
    key_size=2,
)
LISTED = Table(
    ENTRY.name,
    tuple(column for column in ENTRY.columns if column.name in ListedEntry._fields),
    key_size=2,
)
"""The columns of an entry that lists show."""
DRAW = Table(
    "draw",
    (
        Column("account_id", "uuid"),
        Column("sequence", "bigint"),
        Column("lot_sequence", "bigint"),
        Column("connects", "integer"),
    ),
    key_size=3,
)
IDEMPOTENCY = Table(
    "idempotency",
    (
        Column("user_id", "uuid"),
        Column("key", "text"),
        Column("request_hash", "bytea"),
        Column("account_id", "uuid"),
        Column("sequence", "bigint"),
        Column("subject_id", "uuid"),
        Column("refusal", "jsonb"),
        Column("created_at", "bigint"),
    ),
    key_size=2,
)

LOTS_AT_HAND = 16
"""How many live lots of a wallet are read first; the rest only if a posting needs them."""

IN_IDS = SqlStatement("IN (SELECT value FROM json_each(?1))", "= ANY($1::uuid[])")

WALLETS = SqlStatement(
    f"SELECT {WALLET.selected} FROM wallet WHERE account_id {IN_IDS.sqlite}",
    f"SELECT {WALLET.selected} FROM wallet WHERE account_id {IN_IDS.postgres}",
)
WALLETS_LOCKED = SqlStatement(
    WALLETS.sqlite,
    f"{WALLETS.postgres} ORDER BY account_id FOR NO KEY UPDATE",
)
FIRST_LIVE_LOTS = SqlStatement(
    f"""
    SELECT {LOT.selected} FROM json_each(?1) AS wanted JOIN lot ON lot.rowid IN (
        SELECT rowid FROM lot WHERE account_id = wanted.value AND remaining > 0
        ORDER BY expires_at, sequence LIMIT {LOTS_AT_HAND})
    ORDER BY lot.account_id, lot.expires_at, lot.sequence
    """,
    f"""
    SELECT {LOT.selected} FROM unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
        SELECT * FROM lot WHERE account_id = wanted.id AND remaining > 0
        ORDER BY expires_at, sequence LIMIT {LOTS_AT_HAND}) AS lot
    ORDER BY lot.account_id, lot.expires_at, lot.sequence
    """,
)
LATER_LIVE_LOTS = both(
    f"""
    SELECT {LOT.selected} FROM lot
    WHERE account_id = $1 AND remaining > 0 AND (expires_at, sequence) > ($2, $3)
    ORDER BY expires_at, sequence
    """
)
KNOWN_INTENTS = SqlStatement(
    f"""
    SELECT {IDEMPOTENCY.selected} FROM idempotency WHERE (user_id, key) IN (
        SELECT u.value, k.value FROM json_each(?1) AS u JOIN json_each(?2) AS k ON u.key = k.key)
    """,
    f"""
    SELECT {IDEMPOTENCY.selected} FROM idempotency
    WHERE (user_id, key) IN (SELECT * FROM unnest($1::uuid[], $2::text[]))
    """,
)
SPENT = SqlStatement(
    f"""
    SELECT entry.subject_id, entry.action, draw.connects, {LOT.selected}
    FROM entry JOIN draw USING (account_id, sequence)
    JOIN lot ON lot.account_id = draw.account_id AND lot.sequence = draw.lot_sequence
    WHERE entry.kind = 'SPEND' AND (entry.account_id, entry.subject_id) IN (
        SELECT a.value, s.value FROM json_each(?1) AS a JOIN json_each(?2) AS s ON a.key = s.key)
    """,
    f"""
    SELECT entry.subject_id, entry.action, draw.connects, {LOT.selected}
    FROM entry JOIN draw USING (account_id, sequence)
    JOIN lot ON lot.account_id = draw.account_id AND lot.sequence = draw.lot_sequence
    WHERE entry.kind = 'SPEND' AND (entry.account_id, entry.subject_id) IN (
        SELECT * FROM unnest($1::uuid[], $2::uuid[]))
    """,
)
PENDING_RETURNS = SqlStatement(
    f"""
    SELECT account_id, id, returnable, expires_at FROM invitation
    WHERE account_id {IN_IDS.sqlite} AND status = 'PENDING' AND returnable > 0
    ORDER BY expires_at, id
    """,
    f"""
    SELECT account_id, id, returnable, expires_at FROM invitation
    WHERE account_id {IN_IDS.postgres} AND status = 'PENDING' AND returnable > 0
    ORDER BY expires_at, id FOR NO KEY UPDATE
    """,
)
_BOOST = table_of(Boost)
_OPEN_HOLDS = f"""
    SELECT {_BOOST.selected}, job.expires_at, job.status
    FROM boost JOIN job ON job.id = boost.job_id
    WHERE boost.held > 0 AND boost.account_id"""
OPEN_HOLDS = SqlStatement(f"{_OPEN_HOLDS} {IN_IDS.sqlite}", f"{_OPEN_HOLDS} {IN_IDS.postgres}")
"""Boosts with held Connects, and what ends them."""
OF_HOLD: Final = """entry.kind IN ('HOLD', 'CAPTURE', 'RELEASE')
    AND entry.kind NOT IN ('SPEND', 'PURCHASE', 'RETURN', 'REVERSAL')"""
"""The second condition is that of the index entry_of_other_subject."""


def _held_lots(ids: str) -> str:
    """For each boost with held Connects: the lots that they were drawn from, and how many."""
    # In this order: a wallet holds for few boosts, and a boost has few entries.
    return f"""
        SELECT entry.subject_id, entry.action, SUM(draw.connects), {LOT.selected}
        FROM boost CROSS JOIN entry CROSS JOIN draw CROSS JOIN lot
        WHERE boost.held > 0 AND boost.account_id {ids}
            AND entry.account_id = boost.account_id AND entry.subject_id = boost.proposal_id
            AND {OF_HOLD}
            AND draw.account_id = entry.account_id AND draw.sequence = entry.sequence
            AND lot.account_id = draw.account_id AND lot.sequence = draw.lot_sequence
        GROUP BY entry.subject_id, entry.action, lot.account_id, lot.sequence
        HAVING SUM(draw.connects) > 0
        ORDER BY entry.subject_id, lot.sequence
    """


HELD_LOTS = SqlStatement(_held_lots(IN_IDS.sqlite), _held_lots(IN_IDS.postgres))
JOBS_SHARED = SqlStatement(
    f"SELECT id FROM job WHERE id {IN_IDS.sqlite}",
    f"SELECT id FROM job WHERE id {IN_IDS.postgres} ORDER BY id FOR SHARE",
)
PRICE_RULES = both(
    """
    SELECT 'cost', action, account_kind, connects, chosen_by_payer, maximum, effective_from
    FROM cost_rule
    UNION ALL
    SELECT 'grant', NULL, account_kind, connects, FALSE, lifetime_months, effective_from
    FROM grant_rule
    UNION ALL
    SELECT 'return', NULL, reason, percent, FALSE, NULL, effective_from
    FROM return_rule
    """
)
PACKAGES = both(
    """
    SELECT id, connects, price_minor, currency, for_kinds, lifetime_months, on_sale, effective_from
    FROM package
    """
)


class OpenHold(NamedTuple):
    """A boost with held Connects, and what ends it."""

    boost: Boost
    ending: Ending

    def state(self, now: int) -> BoostState:
        """Returns the boost's state at the instant `now`."""
        return state_at(BoostState(self.boost.status, self.boost.ended_at), self.ending, now)

    def is_ended(self, now: int) -> bool:
        """Returns whether the hold is due to be captured or released."""
        return self.state(now).status is not BoostStatus.LEADING

    def is_ended_by_its_job(self, now: int) -> bool:
        """Returns whether the job or the time ended it, while the boost is stored as leading."""
        return self.boost.status is BoostStatus.LEADING and self.is_ended(now)


def open_hold_from(row: Row) -> OpenHold:
    *columns, expires_at, status = row
    boost = instance_of(Boost, columns)
    return OpenHold(boost, Ending(boost.closes_at, expires_at, JobStatus(status)))


def wallet_from(row: Row) -> Wallet:
    return Wallet(as_uuid(row[0]), *row[1:])


def lot_from(row: Row) -> Lot:
    return Lot._make((as_uuid(row[0]), *row[1:9], as_uuid_or_none(row[9])))


def entry_from(row: Row) -> Entry:
    if not isinstance(row[0], str):
        return Entry._make(row)
    ids = as_uuid(row[0]), as_uuid_or_none(row[7]), as_uuid_or_none(row[8])
    return Entry._make((ids[0], *row[1:7], *ids[1:], *row[9:]))


def listed_entry_from(row: Row) -> ListedEntry:
    """Builds an entry from the columns of LISTED."""
    if not isinstance(row[0], str):
        return ListedEntry._make(row)
    ids = as_uuid(row[0]), as_uuid_or_none(row[6]), as_uuid_or_none(row[7])
    return ListedEntry._make((ids[0], *row[1:6], *ids[1:], row[8]))


def draw_from(row: Row) -> Draw:
    return Draw(as_uuid(row[0]), *row[1:])


def price_list_from(rows: list[Row]) -> PriceList:
    """Builds the price list from the rows of PRICE_RULES."""
    kinds = grouped(rows)
    return PriceList(
        tuple(
            CostRule(action, kind, connects, bool(chosen), maximum, effective_from)
            for _, action, kind, connects, chosen, maximum, effective_from in kinds.get("cost", ())
        ),
        tuple(
            GrantRule(kind, connects, months, effective_from)
            for _, _, kind, connects, _, months, effective_from in kinds.get("grant", ())
        ),
        tuple(
            ReturnRule(reason, percent, effective_from)
            for _, _, reason, percent, _, _, effective_from in kinds.get("return", ())
        ),
    )


def package_from(row: Row) -> Package:
    return Package(
        id=as_uuid(row[0]),
        connects=row[1],
        price_minor=row[2],
        currency=row[3],
        for_kinds=tuple(orjson.loads(row[4])),
        lifetime_months=row[5],
        on_sale=bool(row[6]),
        effective_from=row[7],
    )


def as_uuid(value: UUID | str) -> UUID:
    """Converts an id of either database to a UUID of asyncpg's type. SQLite stores text."""
    return parse_uuid(value) if isinstance(value, str) else value


def as_uuid_or_none(value: UUID | str | None) -> UUID | None:
    return None if value is None else as_uuid(value)
