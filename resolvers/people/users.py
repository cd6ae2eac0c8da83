"""Users: made when somebody signs in for the first time. They do not change."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from models.identifiers import new_id
from models.ledger.commands import Command, Decision, Facts, Lookup
from models.tables import User
from resolvers.people.tokens import Claims
from resolvers.services import Services


async def signed_in(
    services: Services,
    claims: Claims,
    making: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> User:
    """The user that a token's claims speak for, with the name of their first token.

    A new one is made within `making`, which may refuse by raising.
    """
    user = await _find(services, claims.subject)
    if user is not None:
        return user
    with making():
        return await _make(services, claims)


async def _find(services: Services, subject: str) -> User | None:
    return await services.database.select(
        lambda reader: User.filter(subject=subject).using_db(reader).first()
    )


async def _make(services: Services, claims: Claims) -> User:
    same_subject = Lookup(User, ("subject",), (claims.subject,))

    def decide(facts: Facts) -> Decision:
        if facts.rows(same_subject):
            return Decision()
        user = User.construct(
            id=new_id(facts.now),
            subject=claims.subject,
            name=claims.name,
            email=claims.email,
            created_at=facts.now,
        )
        return Decision(inserts=(user,))

    await services.ledger.post(Command(decide=decide, lookups=(same_subject,)))
    user = await _find(services, claims.subject)
    assert user is not None, "it was there, or was just made"
    return user
