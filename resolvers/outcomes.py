"""Reading what a mutation has done, after it was carried out."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.rules.refusals import TryAgain
from models.store.faults import is_unavailable


class UnreadOutcomeError(Exception):
    """A mutation was carried out, and what it did could not be read. No refusal: it was done."""


@contextmanager
def outcome() -> Iterator[None]:
    """For reads after a commit. Raises UnreadOutcomeError where the database is unavailable."""
    try:
        yield
    except Exception as error:
        if isinstance(error, TryAgain) or is_unavailable(error):
            raise UnreadOutcomeError from error
        raise
