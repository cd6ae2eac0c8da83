"""A thousand freelancers for the demo: believable, varied, and the same each time."""

import asyncio
import random
from typing import Final, NamedTuple

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Lookup
from models.rules.kinds import AccountKind
from models.rules.refusals import Conflict, ConflictReason
from models.tables import Account, Freelancer, Membership, User
from resolvers.services import Services

FREELANCERS: Final = 1000
AT_A_TIME: Final = 100
SEED: Final = 60


class Trade(NamedTuple):
    """A line of work: how people call themselves, what they know, what they ask (minor units)."""

    titles: tuple[str, ...]
    skills: tuple[str, ...]
    hourly_rate: tuple[int, int]
    does: tuple[str, ...]


TRADES: Final = (
    Trade(
        ("Web developer", "Full-stack engineer", "Frontend developer", "Backend developer"),
        ("python", "typescript", "react", "graphql", "postgresql", "html", "css", "django", "vue"),
        (3_500, 14_000),
        ("builds shops that load in a blink", "turns sketches into working pages"),
    ),
    Trade(
        ("Graphic designer", "Brand designer", "Logo designer", "Packaging designer"),
        ("branding", "illustrator", "typography", "logo", "print", "packaging", "figma"),
        (2_500, 11_000),
        ("gives small companies a face", "draws logos that work in one colour"),
    ),
    Trade(
        ("Translator", "Legal translator", "Medical translator", "Subtitler"),
        ("translation", "english", "german", "french", "spanish", "proofreading", "subtitles"),
        (2_000, 8_000),
        ("translates contracts without losing a clause", "keeps a joke a joke across languages"),
    ),
    Trade(
        ("Copywriter", "Technical writer", "Editor", "Speech writer"),
        ("writing", "editing", "seo", "documentation", "newsletters", "proofreading"),
        (2_200, 9_500),
        ("writes manuals that people read", "cuts a page to a paragraph"),
    ),
    Trade(
        ("Data analyst", "Data engineer", "Machine learning engineer", "Statistician"),
        ("python", "sql", "pandas", "statistics", "dashboards", "forecasting", "spark"),
        (4_500, 16_000),
        ("finds out why sales dropped in March", "makes dashboards that answer one question"),
    ),
    Trade(
        ("Bookkeeper", "Accountant", "Tax consultant", "Controller"),
        ("bookkeeping", "taxes", "invoicing", "payroll", "excel", "audits"),
        (3_000, 12_000),
        ("closes the books by the third", "explains a balance sheet over coffee"),
    ),
    Trade(
        ("Mobile developer", "iOS developer", "Android developer", "Game developer"),
        ("swift", "kotlin", "flutter", "react", "unity", "bluetooth", "graphql"),
        (4_000, 15_000),
        ("makes apps that work in a tunnel", "ships to both stores on the same day"),
    ),
    Trade(
        ("Video editor", "Motion designer", "Sound engineer", "Animator"),
        ("editing", "after effects", "animation", "podcasts", "mixing", "colour grading"),
        (2_500, 10_000),
        ("cuts an hour to ninety seconds", "makes a room sound like a studio"),
    ),
)
FIRST_NAMES: Final = (
    *("Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Femi", "Greta", "Hiro", "Ines", "Jonas"),
    *("Kavya", "Liam", "Mei", "Nadia", "Omar", "Paula", "Quentin", "Rosa", "Samir", "Thandi"),
    *("Ursula", "Viktor", "Wanda", "Xavier", "Yara", "Zoe"),
)
LAST_NAMES: Final = (
    *("Almeida", "Becker", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito"),
    *("Jansen", "Kowalski", "Lindqvist", "Mbeki", "Novak", "Okafor", "Patel", "Rossi", "Sato"),
    *("Tanaka", "Ueda", "Varga", "Weber", "Yilmaz", "Zhang"),
)
COUNTRIES: Final = (
    *("DE", "FR", "ES", "IT", "PL", "PT", "SE", "NO", "TR", "NG", "ZA", "KE", "IN", "JP", "CN"),
    *("BR", "MX", "US", "CA", "GB", "UA", "RO", "ID", "PH", "EG"),
)
LEVELS: Final = ("", "Senior ", "Freelance ", "Experienced ")


class Person(NamedTuple):
    subject: str
    name: str
    title: str
    overview: str
    skills: list[str]
    hourly_rate_minor: int
    country: str
    rating: float | None
    available_now: bool


def people() -> list[Person]:
    """The same FREELANCERS people each time."""
    draw = random.Random(SEED)  # noqa: S311 - demo data, not a secret
    return [_person(draw, number) for number in range(1, FREELANCERS + 1)]


async def make_demo_freelancers(services: Services) -> None:
    """Opens an account with a profile for each of them, unless they are there."""
    everybody = people()
    last = User.filter(subject=everybody[-1].subject)
    if await services.database.select(lambda reader: last.using_db(reader).exists()):
        return
    for start in range(0, len(everybody), AT_A_TIME):
        await asyncio.gather(
            *(_open(services, person) for person in everybody[start : start + AT_A_TIME])
        )


async def _open(services: Services, person: Person) -> None:
    now = services.clock()
    user_id, account_id = new_id(now), new_id(now)
    same = Lookup(User, ("subject",), (person.subject,))

    def decide(facts: Facts) -> Decision:
        if facts.rows(same):
            raise Conflict("They are there.", ConflictReason.UNSPECIFIED)
        user = User.construct(
            id=user_id, subject=person.subject, name=person.name, email=None, created_at=now
        )
        account = Account.construct(
            id=account_id, kind=AccountKind.FREELANCER, name=person.name, created_at=now
        )
        membership = Membership.construct(
            id=new_id(now), account_id=account_id, user_id=user_id, created_at=now
        )
        return Decision(
            subject_id=account_id,
            inserts=(user, account, membership, _profile(account_id, person, now)),
        )

    command = Command(
        decide=decide, account_id=account_id, lookups=(same,), opens=AccountKind.FREELANCER
    )
    try:
        await services.ledger.post(command)
    except Conflict:
        return


def _profile(account_id: object, person: Person, now: int) -> Freelancer:
    mailbox = person.name.lower().replace(" ", ".")
    return Freelancer.construct(
        account_id=account_id,
        title=person.title,
        overview=person.overview,
        skills=person.skills,
        hourly_rate_minor=person.hourly_rate_minor,
        hourly_rate_currency="USD",
        country=person.country,
        rating=person.rating,
        available_now=person.available_now,
        email=f"{mailbox}@example.com",
        phone=None,
        created_at=now,
    )


def _person(draw: random.Random, number: int) -> Person:
    trade = draw.choice(TRADES)
    name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
    skills = draw.sample(trade.skills, draw.randint(2, min(5, len(trade.skills))))
    lowest, highest = trade.hourly_rate
    years = draw.randint(1, 25)
    title = f"{draw.choice(LEVELS)}{draw.choice(trade.titles)}"
    first_name, _, _ = name.partition(" ")
    overview = (
        f"{first_name} {draw.choice(trade.does)}. {years} years of work, "
        f"lately with {skills[0]} and {skills[1]}. "
        f"{draw.choice(('Answers within the hour.', 'Works in sprints of a week.', 'Asks first.'))}"
    )
    return Person(
        subject=f"demo-freelancer-{number:04d}",
        name=name,
        title=title,
        overview=overview,
        skills=skills,
        hourly_rate_minor=draw.randrange(lowest, highest + 1, 100),
        country=draw.choice(COUNTRIES),
        rating=round(draw.triangular(2.5, 5.0, 4.7), 1) if draw.randrange(20) else None,
        available_now=bool(draw.randrange(3)),
    )
