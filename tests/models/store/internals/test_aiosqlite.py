"""Work of many statements takes one trip to aiosqlite's thread."""

import sqlite3
import threading
from pathlib import Path

import aiosqlite
import pytest

from models.store.internals.aiosqlite import in_its_thread


async def test_work_is_done_with_sqlites_own_connection_in_its_thread(tmp_path: Path) -> None:
    def work(connection: sqlite3.Connection) -> tuple[int, list[tuple[int]]]:
        connection.execute("CREATE TABLE t (n)")
        connection.execute("INSERT INTO t VALUES (7)")
        return threading.get_ident(), connection.execute("SELECT n FROM t").fetchall()

    async with aiosqlite.connect(tmp_path / "file.sqlite3") as connection:
        thread, rows = await in_its_thread(connection, work)

        assert rows == [(7,)]
        assert thread == await in_its_thread(connection, lambda _: threading.get_ident())
        assert thread != threading.get_ident()


async def test_an_error_of_the_work_is_raised_to_who_asked(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "file.sqlite3") as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            await in_its_thread(connection, lambda one: one.execute("SELECT 1 FROM elsewhere"))
