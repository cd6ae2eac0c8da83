"""Ends a benchmark like Ctrl-C does: what was started is stopped, what was made is removed."""

import signal
import sys
from collections.abc import Callable


def run(main: Callable[[], int]) -> None:
    """Runs `main` and exits with its status, or with 130 where it is told to stop."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _end(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
