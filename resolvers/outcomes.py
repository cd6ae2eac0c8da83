"""Reading what a mutation has done, after it was carried out."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.ledger.commands import Intent
from models.rules.refusals import Refusal, TryAgain
from models.store.faults import is_unavailable
from resolvers.services import Services


class UnreadOutcomeError(Exception):
    """A mutation was carried out, and what it did could not be read. No refusal: it was done."""

    @property
    def is_a_bug(self) -> bool:
        """Whether waiting does not help."""
        cause = self.__cause__
        return cause is None or not (isinstance(cause, TryAgain) or is_unavailable(cause))


@contextmanager
def outcome() -> Iterator[None]:
    """For reads after a commit. Raises UnreadOutcomeError where the database is unavailable."""
    try:
        yield
    except Exception as error:
        if isinstance(error, TryAgain) or is_unavailable(error):
            raise UnreadOutcomeError from error
        raise


async def raise_if_carried_out(error: Exception, services: Services, intent: Intent) -> None:
    """Raises UnreadOutcomeError where `error` is a bug that came after the mutation's commit."""
    if isinstance(error, Refusal | UnreadOutcomeError) or is_unavailable(error):
        return
    if await services.ledger.has_carried_out(intent):
        raise UnreadOutcomeError from error
