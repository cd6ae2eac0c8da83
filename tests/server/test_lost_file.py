"""A server whose SQLite file is taken away: it says so, and keeps nothing that would be lost."""

import shutil
from pathlib import Path

import httpx
import pytest

from tests.server.processes import environment_of, run, serving, token
from tests.server.test_databases import OPEN, SPEND, WALLET
from tests.server.test_stopping import REFUSED


@pytest.mark.slow
def test_a_file_replaced_under_the_server_gets_nothing_that_was_answered(tmp_path: Path) -> None:
    file, ada = tmp_path / "connects.sqlite3", token("ada")
    environment = environment_of(f"sqlite://{file}")
    with serving(environment, tmp_path) as server:
        account = server.ask(OPEN, ada)["openAccount"]["account"]["id"]
        assert server.stop() == 0
    shutil.copyfile(file, tmp_path / "backup")

    with serving(environment, tmp_path) as server:
        assert server.ask(SPEND, ada, account=account, key="0")["postJob"]["job"]
        health = server.url.replace("graphql", "health")
        assert httpx.get(health).json() == {"status": "ok"}
        file.unlink()
        refused = server.ask(REFUSED, ada, account=account, key="1")["postJob"]
        unhealthy = httpx.get(health)
        query = {"query": WALLET}
        unread = httpx.post(server.url, json=query, headers={"authorization": f"Bearer {ada}"})
        assert server.stop() == 0
    (tmp_path / "backup").rename(file)
    for beside in ("-wal", "-shm"):
        file.with_name(f"{file.name}{beside}").unlink(missing_ok=True)

    assert refused == {"code": "TRY_AGAIN", "retryable": True}
    assert unhealthy.status_code == 503
    assert unhealthy.json()["reason"] == f"the database file {file} was removed"
    assert unread.json()["errors"][0]["extensions"]["code"] == "TRY_AGAIN"
    assert f"the database file {file} was removed; nothing is read or written" in server.errors
    assert "sound" in run(environment, "verify", "--quiet").stdout
