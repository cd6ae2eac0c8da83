"""Invariants 5 and 6: what Connects paid for, and stored outcomes, match the ledger.

Each check is one statement that returns only broken rows, so the database does the work.
"""

from typing import Final, NamedTuple

from tortoise.models import Model

from models.rules.actions import ConnectsAction
from models.rules.kinds import EntryKind, PurchaseStatus
from models.store.internals.tortoise import key_column, table_name
from models.store.ledger_tables import OF_HOLD
from models.store.statements import SqlStatement, both
from models.tables import MODELS, Boost, Purchase


class Check(NamedTuple):
    """A statement that returns the `where` and `message` of each violation, in row order."""

    invariant: int
    statement: SqlStatement


_SUBJECTS: Final[dict[ConnectsAction, type[Model]]] = {
    action: next(model for model in MODELS if model.__name__ == action.row.subject)
    for action in ConnectsAction
    if not action.row.by_hold
}

# Refunded and disputed purchases were paid once, and their credit stays in the ledger.
_UNPAID: Final = f"'{PurchaseStatus.PENDING}', '{PurchaseStatus.DECLINED}'"


def _has_its_entry(model: type[Model], moved: str, kind: EntryKind, entries: str = "TRUE") -> Check:
    """Each row of `model` has one entry of `kind` that moved `moved`; none if that is 0.

    `entries` is a condition on entries `e`.
    """
    table = table_name(model)
    # SQLite uses the partial index entry_of_subject only if its exact condition is here.
    return Check(
        5,
        both(
            f"""
            SELECT '{table} ' || CAST(t.id AS TEXT),
                'must have moved ' || ({moved}) || ' Connects at once, but of its account '
                || COUNT(e.sequence) || ' {kind} entries for it moved '
                || COALESCE(SUM(e.connects), 0)
            FROM {table} AS t
            LEFT JOIN entry AS e ON e.account_id = t.account_id AND e.subject_id = t.id
                AND e.kind IN ('SPEND', 'PURCHASE') AND e.kind = '{kind}' AND {entries}
            GROUP BY t.id
            HAVING COALESCE(SUM(e.connects), 0) <> {moved}
                OR COUNT(e.sequence) <> CASE WHEN {moved} = 0 THEN 0 ELSE 1 END
            ORDER BY t.id
            """
        ),
    )


def _in(model: type[Model], *conditions: str) -> str:
    """Whether `model` has a row `s` that meets all `conditions`."""
    table = table_name(model)
    return f'EXISTS (SELECT 1 FROM "{table}" AS s WHERE {" AND ".join(conditions)})'


def _entries_have_their_subject() -> Check:
    of_entry = ("s.id = e.subject_id", "s.account_id = e.account_id")
    of_boost = ("s.proposal_id = e.subject_id", "s.account_id = e.account_id")
    of_action = " ".join(
        f"WHEN '{action}' THEN {_in(model, *of_entry)}" for action, model in _SUBJECTS.items()
    )
    return Check(
        5,
        both(
            f"""
            SELECT 'entry ' || e.sequence || ' of account ' || CAST(e.account_id AS TEXT),
                'is a ' || e.kind || COALESCE(' for ' || e.action, '')
                || ', but its account has no such row '
                || COALESCE(CAST(e.subject_id AS TEXT), '')
            FROM entry AS e
            WHERE (e.kind = 'PURCHASE' AND NOT {_in(Purchase, *of_entry)})
                OR (e.kind = 'SPEND' AND NOT CASE e.action {of_action} ELSE FALSE END)
                OR (e.kind IN ('HOLD', 'CAPTURE', 'RELEASE') AND NOT {_in(Boost, *of_boost)})
            ORDER BY e.account_id, e.sequence
            """
        ),
    )


def _returns_were_spent() -> Check:
    """What was returned for a subject was returned once and had been spent on it."""
    return Check(
        5,
        both(
            """
            SELECT 'entry ' || MAX(r.sequence) || ' of account ' || CAST(r.account_id AS TEXT),
                'gives back ' || SUM(r.connects) || ' Connects in all, in ' || COUNT(*)
                || ' entries, but ' || COALESCE(MAX(-s.connects), 0) || ' were spent'
            FROM entry AS r
            LEFT JOIN entry AS s ON s.account_id = r.account_id AND s.subject_id = r.subject_id
                AND s.kind IN ('SPEND', 'PURCHASE') AND s.kind = 'SPEND'
                AND s.action = r.action AND s.sequence < r.sequence
            WHERE r.kind IN ('RETURN', 'REVERSAL')
            GROUP BY r.account_id, r.subject_id
            HAVING SUM(r.connects) > COALESCE(MAX(-s.connects), 0) OR COUNT(*) > 1
            ORDER BY r.account_id, MAX(r.sequence)
            """
        ),
    )


def _boosts_are_held() -> Check:
    """Compares what each boost holds, or was charged, with its entries."""
    held = "-COALESCE(SUM(entry.connects), 0)"
    captured = "COALESCE(SUM(CASE WHEN entry.kind = 'CAPTURE' THEN 1 ELSE 0 END), 0)"
    return Check(
        5,
        both(
            f"""
            SELECT 'boost ' || CAST(t.proposal_id AS TEXT),
                'is ' || t.status || ', of ' || t.connects || ' Connects with ' || t.held
                || ' held, but its entries hold ' || {held} || ' and captured them '
                || {captured} || ' times'
            FROM boost AS t
            LEFT JOIN entry ON entry.account_id = t.account_id
                AND entry.subject_id = t.proposal_id AND {OF_HOLD}
            GROUP BY t.proposal_id
            HAVING CASE
                WHEN t.held > 0 THEN {held} <> t.held OR {captured} <> 0
                WHEN t.status = 'CHARGED' THEN {held} <> t.connects OR {captured} <> 1
                ELSE t.status = 'LEADING' OR {held} <> 0 OR {captured} <> 0 END
            ORDER BY t.proposal_id
            """
        ),
    )


def _answers_hold() -> Check:
    """Entries and subjects of outcomes exist and are the caller's own; refusals have none."""
    subject_exists = " OR ".join(
        _in(model, f"s.{key_column(model)} = i.subject_id") for model in reversed(MODELS)
    )
    return Check(
        6,
        both(
            f"""
            SELECT place, message FROM (
                SELECT i.user_id, i.key,
                    'idempotency key ' || i.key || ' of user ' || CAST(i.user_id AS TEXT)
                    AS place,
                    CASE
                    WHEN i.refusal IS NOT NULL THEN
                        CASE WHEN i.sequence IS NOT NULL OR i.subject_id IS NOT NULL
                        THEN 'is a refusal, but names an entry or a subject' END
                    WHEN i.sequence IS NOT NULL AND e.sequence IS NULL
                    THEN 'names entry ' || i.sequence || ', which does not exist'
                    WHEN e.actor_id <> i.user_id OR (e.actor_id IS NULL AND e.kind = 'SPEND')
                    THEN 'names entry ' || i.sequence || ', which another user made'
                    WHEN e.subject_id <> i.subject_id
                    THEN 'names entry ' || i.sequence || ', which has another subject'
                    WHEN i.subject_id IS NOT NULL AND NOT ({subject_exists})
                    THEN 'names subject ' || CAST(i.subject_id AS TEXT)
                        || ', which does not exist'
                    END AS message
                FROM idempotency AS i
                LEFT JOIN entry AS e ON e.account_id = i.account_id AND e.sequence = i.sequence
            ) AS answer
            WHERE message IS NOT NULL
            ORDER BY user_id, key
            """
        ),
    )


CHECKS: Final = (
    *(
        _has_its_entry(model, "-t.connects", EntryKind.SPEND, f"e.action = '{action}'")
        for action, model in _SUBJECTS.items()
    ),
    _has_its_entry(
        Purchase,
        f"CASE WHEN t.status IN ({_UNPAID}) THEN 0 ELSE t.connects END",
        EntryKind.PURCHASE,
    ),
    _entries_have_their_subject(),
    _returns_were_spent(),
    _boosts_are_held(),
    _answers_hold(),
)
