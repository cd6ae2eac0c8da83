"""Users: made when somebody signs in for the first time."""

from collections import OrderedDict

from models.commands import Command, Decision, Facts, Lookup
from models.identifiers import new_id
from models.tables import User
from resolvers.authentication import Claims
from resolvers.services import Services

REMEMBERED_USERS = 10_000


class Users:
    """Gives the user that a token speaks for. Remembers the latest ones: users do not change."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._remembered: OrderedDict[str, User] = OrderedDict()

    async def signed_in(self, claims: Claims) -> User:
        user = self._remembered.get(claims.subject)
        if user is None:
            user = await self._find(claims.subject) or await self._make(claims)
            self._remembered[claims.subject] = user
            if len(self._remembered) > REMEMBERED_USERS:
                self._remembered.popitem(last=False)
        else:
            self._remembered.move_to_end(claims.subject)
        return user

    async def _find(self, subject: str) -> User | None:
        return await User.filter(subject=subject).using_db(self._services.database.reader).first()

    async def _make(self, claims: Claims) -> User:
        same_subject = Lookup(User, ("subject",), (claims.subject,))

        def decide(facts: Facts) -> Decision:
            if facts.rows(same_subject):
                return Decision()
            user = User(
                id=new_id(facts.now),
                subject=claims.subject,
                name=claims.name,
                email=claims.email,
                created_at=facts.now,
            )
            return Decision(inserts=(user,))

        await self._services.ledger.post(Command(decide=decide, lookups=(same_subject,)))
        user = await self._find(claims.subject)
        assert user is not None, "it was there, or was just made"
        return user
