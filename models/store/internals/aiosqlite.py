"""What is used of aiosqlite beyond its documented names: its thread.

The public methods go to the connection's thread and back for each statement. A batch of the ledger
is some ten statements and a commit, and one trip (decision 12).

`tests/models/store/internals/test_aiosqlite.py` fails when a release has no such way.
"""

import sqlite3
from collections.abc import Callable
from typing import TypeVar, cast

import aiosqlite

T = TypeVar("T")


async def in_its_thread(
    connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]
) -> T:
    """What `work` gives, done with SQLite's own connection in the thread that it lives in."""
    done = await connection._execute(work, connection._conn)  # type: ignore[no-untyped-call]
    return cast(T, done)
