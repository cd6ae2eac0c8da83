"""What models/store/internals/asyncpg.py takes from asyncpg is a UUID like Python's."""

from uuid import UUID

import asyncpg
import pytest

from models.store.internals.asyncpg import parse_uuid

TEXT = "0193f5a0-1234-7abc-8def-0123456789ab"


def test_a_uuid_in_c_is_equal_to_pythons() -> None:
    ours, pythons = parse_uuid(TEXT), UUID(TEXT)

    assert isinstance(ours, UUID)
    assert (ours, hash(ours), str(ours), ours.bytes) == (
        pythons,
        hash(pythons),
        TEXT,
        pythons.bytes,
    )
    assert {pythons: 1}[ours] == {ours: 1}[pythons] == 1
    assert ours != UUID(int=1)


@pytest.mark.parametrize("text", ["", "x", TEXT[:-1], TEXT + "0"])
def test_what_is_no_uuid_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="UUID"):
        parse_uuid(text)


async def test_it_is_the_kind_that_postgresql_gives_and_takes(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)

    (given,) = await connection.fetchval("SELECT $1::uuid[]", [parse_uuid(TEXT)])
    await connection.close()

    assert given == UUID(TEXT)
    assert type(given) is type(parse_uuid(TEXT))
