"""Invariant 8: the kept sums of spending are those of the entries that they cover."""

from typing import Final

from models.rules.history.spending import WIDTHS
from models.store.history.spending_sums import IS_SPENT, SLOT, SPENT_ON
from models.store.history.sums import TAKEN
from models.store.statements import both
from models.verify.counterparts import Check

_OF_ENTRIES: Final = " UNION ALL ".join(
    f"""
    SELECT entry.account_id, '{by}' AS dimension, {SLOT} AS quarter, {spent_on} AS spent_on,
        -sum({TAKEN}) AS connects, count(*) AS spends
    FROM spending_watermark AS watermark
    JOIN entry ON entry.account_id = watermark.account_id AND entry.sequence <= watermark.sequence
    WHERE watermark.dimension = '{by}' AND {IS_SPENT} GROUP BY 1, 2, 3, 4
    """
    for by, spent_on in SPENT_ON.items()
)
_EXPECTED: Final = " UNION ALL ".join(
    f"""
    SELECT account_id, dimension, {width} AS width, quarter / {width} AS slot, spent_on,
        -sum(connects) AS connects, -sum(spends) AS spends
    FROM of_entries GROUP BY 1, 2, 3, 4, 5
    """
    for width in WIDTHS
)

SPENDING_CHECKS: Final = (
    Check(
        8,
        both(
            """
            SELECT 'spending of account ' || CAST(watermark.account_id AS TEXT) || ' by '
                || watermark.dimension,
                'covers the entries up to ' || watermark.sequence || ', but the wallet is at '
                || wallet.sequence
            FROM spending_watermark AS watermark JOIN wallet USING (account_id)
            WHERE watermark.sequence > wallet.sequence
            ORDER BY watermark.account_id, watermark.dimension
            """
        ),
    ),
    Check(
        8,
        both(
            f"""
            WITH of_entries AS ({_OF_ENTRIES})
            SELECT 'spending of account ' || CAST(account_id AS TEXT) || ' by ' || dimension,
                'has kept sums that differ from its entries by ' || sum(connects)
                || ' Connects and ' || sum(spends) || ' spends on ''' || spent_on
                || ''' in slot ' || slot || ' of ' || width || ' quarters of an hour'
            FROM (
                SELECT account_id, dimension, width, slot, spent_on, connects, spends
                FROM spending_sum
                UNION ALL {_EXPECTED}
            ) AS compared
            GROUP BY account_id, dimension, width, slot, spent_on
            HAVING sum(connects) <> 0 OR sum(spends) <> 0
            ORDER BY account_id, dimension, width, slot, spent_on
            """
        ),
    ),
)
