"""As many freelancers as in a large marketplace, always the same, inserted past the ledger."""

import random
from uuid import UUID

from models.rules.kinds import AccountKind
from models.store.database import Database
from models.store.statements import row_of, table_of
from models.tables import Account, Freelancer
from resolvers.demo.freelancers import COUNTRIES, FIRST_NAMES, LAST_NAMES, LEVELS, TRADES

PEOPLE = 200_000
AT_A_TIME = 5_000
SEED = 61
RARE_WORDS = 20_000
_FIRST_ID = 0x0192A000000070008000000000000000
_SYLLABLES = ("ka", "lo", "mi", "ru", "te", "sha", "vo", "den", "qui", "bra", "nor", "pel")


async def fill(database: Database) -> None:
    """Inserts PEOPLE freelancers and lets the database analyse them."""
    draw = random.Random(SEED)
    rare = ["".join(draw.choices(_SYLLABLES, k=4)) for _ in range(RARE_WORDS)]
    for start in range(0, PEOPLE, AT_A_TIME):
        people = [_person(draw, rare, start + number) for number in range(AT_A_TIME)]
        async with database.transaction() as transaction:
            await transaction.insert(table_of(Account), [row_of(a) for a, _ in people])
            await transaction.insert(table_of(Freelancer), [row_of(f) for _, f in people])
    async with database.writer.acquire_connection() as connection:
        # VACUUM, as autovacuum would: it moves the new rows' words into the index proper.
        await connection.execute("VACUUM ANALYZE" if database.dialect == "postgres" else "ANALYZE")


def _person(draw: random.Random, rare: list[str], number: int) -> tuple[Account, Freelancer]:
    """A trade's words, common to many, and a few rare words."""
    id = UUID(int=_FIRST_ID + number)
    trade, other = draw.choices(TRADES, k=2)
    name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
    skills = draw.sample(trade.skills, 3) + draw.sample(other.skills, draw.randint(0, 2))
    lowest, highest = trade.hourly_rate
    title = f"{draw.choice(LEVELS)}{draw.choice(trade.titles)}"
    words = " ".join(draw.choices(rare, k=8))
    overview = (
        f"{name} {draw.choice(trade.does)}. {draw.randint(1, 25)} years of work, lately with "
        f"{skills[0]} and {skills[1]}. Knows {words}."
    )
    account = Account.construct(id=id, kind=AccountKind.FREELANCER, name=name, created_at=0)
    profile = Freelancer.construct(
        account_id=id,
        title=title,
        overview=overview,
        skills=list(dict.fromkeys(skills)),
        hourly_rate_minor=draw.randrange(lowest, highest + 1, 100),
        hourly_rate_currency="USD",
        country=draw.choice(COUNTRIES),
        rating=round(draw.triangular(2.5, 5.0, 4.7), 1) if draw.randrange(20) else None,
        available_now=bool(draw.randrange(3)),
        created_at=0,
    )
    return account, profile
