"""The files of an open SQLite database: whether they are in place, and space for the log.

SQLite keeps writing to a file that was deleted or replaced, and reports success. In WAL mode a full
disk may be full of SQLite's own log, which only a checkpoint shrinks.
"""

import asyncio
import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final

from models.store.faults import DatabaseFileError

LOOK_SECONDS: Final = 0.5
LARGEST_STEP: Final = 2**20
SMALLEST_STEP: Final = 2**16
"""After the log has grown by this many bytes, free disk space is checked."""
SPARE_BYTES: Final = 2**24
"""More than one batch writes."""
PAUSE_SECONDS: Final = 0.5
"""Time between a failed checkpoint and the next attempt."""
CHECKPOINT_MILLISECONDS: Final = 100
"""How long a checkpoint waits for readers."""

Identity = tuple[int, int]
_stat: Final = os.stat
"""Path.stat takes longer, and each commit calls it three times."""

_logger = logging.getLogger(__name__)


class SqliteFile:
    """The files of an open database. Created after all of its connections.

    `fault` describes what is wrong with them, or is None. It is set by `check` and, after `watch`,
    every LOOK_SECONDS.
    """

    def __init__(self, path: Path) -> None:
        self.path = os.fspath(path.absolute())
        self._log = f"{self.path}-wal"
        self._index = f"{self.path}-shm"
        self._identities = self._found()
        self._look_at = SMALLEST_STEP
        self._failed_at = -PAUSE_SECONDS
        self._timer: asyncio.TimerHandle | None = None
        self.fault: str | None = None

    def check(self) -> int:
        """Returns the log's size in bytes.

        Raises DatabaseFileError if a file was removed or replaced. Whatever was committed just
        before is then in no reachable file.
        """
        try:
            log = _stat(self._log)
            in_place = self._identities == (
                _identity(_stat(self.path)),
                _identity(log),
                _identity(_stat(self._index)),
            )
        except OSError:
            in_place = False
        if in_place:
            self.fault = None
            return log.st_size
        if self.fault is None:
            self.fault = self._changed()
            _logger.error(
                "%s; nothing is read or written until the server is restarted", self.fault
            )
        raise DatabaseFileError(self.fault)

    def require(self) -> None:
        """Raises DatabaseFileError if the last check found a fault. Costs almost nothing."""
        if self.fault is not None:
            raise DatabaseFileError(self.fault)

    def watch(self) -> None:
        """Checks periodically until `unwatch`, so that reads are refused too."""
        with suppress(DatabaseFileError):
            self.check()
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self.watch)

    def unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def keep_room(self, connection: sqlite3.Connection, log_bytes: int) -> None:
        """Checkpoints the log before there is no space left to do so.

        A checkpoint may need as much space as the log. Called after each commit, in the writer's
        thread, with the size of the log.
        """
        if log_bytes < self._look_at:
            return
        free = _free_bytes(self.path)
        self._look_at = log_bytes + _step(free)
        if free < 2 * log_bytes + SPARE_BYTES:
            self.make_room(connection)

    def make_room(self, connection: sqlite3.Connection) -> None:
        """Checkpoints and truncates the log, as far as possible.

        Called in the writer's thread, outside any transaction. Does nothing shortly after a
        failure.
        """
        if monotonic() < self._failed_at + PAUSE_SECONDS:
            return
        (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
        try:
            connection.execute(f"PRAGMA busy_timeout = {CHECKPOINT_MILLISECONDS}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._look_at = _step(_free_bytes(self.path))
        except sqlite3.Error as error:
            self._failed_at = monotonic()
            _logger.warning("the log could not be checkpointed: %r", error)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {patience}")

    def _found(self) -> tuple[Identity | None, ...]:
        return tuple(map(_identity_at, (self.path, self._log, self._index)))

    def _changed(self) -> str:
        paths = (self.path, self._log, self._index)
        for path, known, found in zip(paths, self._identities, self._found(), strict=True):
            if found is None:
                return f"the database file {path} was removed"
            if found != known:
                return f"the database file {path} was replaced"
        return f"the database file {self.path} was missing for a moment"


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def _identity_at(path: str) -> Identity | None:
    """Returns the identity of the file at `path`; None if there is none or it can't be read."""
    try:
        return _identity(_stat(path))
    except OSError:
        return None


def _step(free: int) -> int:
    """How much the log may grow until the next check, given the free bytes."""
    return max(SMALLEST_STEP, min(LARGEST_STEP, free // 4))


def _free_bytes(path: str) -> int:
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize
