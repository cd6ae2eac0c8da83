"""Freelancers put into the database in bulk, and the searches that find them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from models.rules.kinds import AccountKind
from models.store.database import Database
from models.store.statements import row_of, table_of
from models.tables import Account, Freelancer
from resolvers.demo.freelancers import Person
from schema.ids import global_id
from tests.schema.callers import Api, Caller, Json

PLAIN = Person(
    subject="",
    name="Farid",
    title="Gardener",
    overview="",
    skills=[],
    hourly_rate_minor=5_000,
    country="DE",
    rating=4.0,
    available_now=True,
)
_FIRST_ID = 0x0192A000000070008000000000000000

FREELANCERS = """
    query ($filter: FreelancerFilter, $orderBy: FreelancerOrder, $first: Int, $after: String) {
        found: freelancers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
            nodes { id rating hourlyRate { amountMinor } account { name } }
            pageInfo { hasNextPage endCursor }
        }
    }
"""
JOBS = """
    query ($filter: JobFilter, $orderBy: JobOrder, $first: Int, $after: String) {
        found: jobs(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
            nodes { id title status }
            pageInfo { hasNextPage endCursor }
        }
    }
"""


def freelancer_id(number: int) -> str:
    return global_id("Freelancer", UUID(int=_FIRST_ID + number))


async def insert(database: Database, people: Iterable[Person], first: int = 0) -> None:
    """Freelancers with the numbers `first` and up, a greater number being newer."""
    accounts, profiles = [], []
    for number, person in enumerate(people, first):
        id = UUID(int=_FIRST_ID + number)
        shown = person._asdict()
        name = shown.pop("name")
        del shown["subject"]
        account = Account.construct(id=id, kind=AccountKind.FREELANCER, name=name, created_at=0)
        currency = None if shown["hourly_rate_minor"] is None else "USD"
        profile = Freelancer.construct(
            account_id=id, hourly_rate_currency=currency, created_at=0, **shown
        )
        accounts.append(row_of(account))
        profiles.append(row_of(profile))
    async with database.transaction() as transaction:
        await transaction.insert(table_of(Account), accounts)
        await transaction.insert(table_of(Freelancer), profiles)


def person(name: str, **fields: Any) -> Person:
    return PLAIN._replace(name=name, **fields)


async def names(caller: Caller, order: str | None = None, /, **filter: object) -> list[str]:
    """Who is found, in order: the first hundred."""
    data = await caller.ask(FREELANCERS, filter=filter, orderBy=order, first=100)
    return [node["account"]["name"] for node in data["found"]["nodes"]]


async def titles(caller: Caller, order: str | None = None, /, **filter: object) -> list[str]:
    """Which jobs are found, in order: the first hundred."""
    data = await caller.ask(JOBS, filter=filter, orderBy=order, first=100)
    return [node["title"] for node in data["found"]["nodes"]]


async def refused(api: Api, document: str, /, **filter: object) -> Json:
    """The only error of a search, which is the caller's."""
    error = await api.nobody.fail(document, filter=filter)
    assert error["extensions"]["code"] in ("INVALID_INPUT", "GRAPHQL_VALIDATION_FAILED"), error
    return error
