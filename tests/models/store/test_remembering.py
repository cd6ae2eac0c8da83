"""What is remembered is what was found, for a while; what was not found is looked for again."""

import pytest

from models.store import remembering
from models.store.remembering import RememberingLoader
from resolvers import access
from resolvers.services import Services
from tests.models.builders import opened, opening, somebody


class Squares:
    """Reads the square of each key, and nothing for odd ones; keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    async def __call__(self, keys: list[int]) -> list[int | None]:
        self.asked.append(keys)
        return [None if key % 2 else key * key for key in keys]


async def test_what_was_found_is_read_once_and_what_was_not_each_time() -> None:
    squares = Squares()
    loader = RememberingLoader(squares, 500)

    answers = [await loader.load_many([2, 3]) for _ in range(2)]

    assert answers == [[4, None]] * 2
    assert squares.asked == [[2, 3], [3]]


async def test_only_what_was_found_is_known_at_once() -> None:
    loader = RememberingLoader(Squares(), 500)
    before = loader.known(2)

    await loader.load_many([2, 3])

    assert (before, loader.known(2), loader.known(3)) == (None, 4, None)


async def test_what_was_found_is_read_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED_SECONDS", -1.0)
    squares = Squares()
    loader = RememberingLoader(squares, 500)

    assert [await loader.load(2) for _ in range(2)] == [4, 4]
    assert squares.asked == [[2], [2]]
    assert loader.known(2) is None


async def test_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "REMEMBERED", 2)
    squares = Squares()
    loader = RememberingLoader(squares, 500)

    for key in (2, 4, 6, 4, 2):
        await loader.load(key)

    assert squares.asked == [[2], [4], [6], [2]]


async def test_nobody_is_remembered_as_a_member_of_anothers_account(services: Services) -> None:
    holder, other = await opened(services.ledger), await opened(services.ledger)
    user, stranger = await services.loaders.users.load_many([holder.user_id, other.user_id])
    assert user is not None and stranger is not None

    for _ in range(2):
        assert await access.is_member(services, user, holder.account_id)
        assert not await access.is_member(services, stranger, holder.account_id)


async def test_who_becomes_a_member_is_one_at_once(services: Services) -> None:
    first = await opened(services.ledger)
    user = await services.loaders.users.load(first.user_id)
    assert user is not None
    second = somebody()
    second = type(second)(second.kind, second.account_id, first.user_id)
    assert not await access.is_member(services, user, second.account_id)

    await services.ledger.post(opening(second))

    assert await access.is_member(services, user, second.account_id)
