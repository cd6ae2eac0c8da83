"""The wallets that are measured hold together like those that the ledger made."""

import pytest

from benchmarks import ours
from benchmarks.wallets import HOT_JOBS, seed


@pytest.mark.slow
def test_seeded_wallets_are_sound(empty_database_url: str) -> None:
    seeded = seed(empty_database_url, wallets=3, entries=30, lots=(1, 20))

    assert ours.unsound(empty_database_url) == []
    assert len(seeded.distinct) == 3
    spent_on_jobs_and_invitations = 3 * 28 + 3 * HOT_JOBS
    assert ours.spends_in(empty_database_url) == spent_on_jobs_and_invitations
