"""Public ids sort by the time they were made at."""

from models.identifiers import new_id
from tests.clocks import instant


def test_ids_sort_by_the_microsecond() -> None:
    start = instant("2026-11-22T23:59:59.998500+00:00")

    ids = [new_id(start + microseconds) for microseconds in range(3000)]

    assert ids == sorted(ids)
    assert {id.version for id in ids} == {7}


def test_ids_of_one_instant_differ() -> None:
    start = instant("2026-11-22T23:59:59.998500+00:00")

    assert len({new_id(start) for _ in range(1000)}) == 1000
