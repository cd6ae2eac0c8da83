"""Undocumented parts of aiosqlite in use: its thread.

The public methods make a round trip to the connection's thread for each statement. A batch of the
ledger is about ten statements and a commit in a single round trip (decision 12).

`tests/models/store/internals/test_aiosqlite.py` fails if a release removes it.
"""

import sqlite3
from collections.abc import Callable
from typing import TypeVar, cast

import aiosqlite

T = TypeVar("T")


async def in_its_thread(
    connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]
) -> T:
    """Runs `work` with the sqlite3 connection, in its thread, and returns the result."""
    done = await connection._execute(work, connection._conn)  # type: ignore[no-untyped-call]
    return cast(T, done)
