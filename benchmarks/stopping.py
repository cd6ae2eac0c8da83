"""Ends a benchmark as with Ctrl-C: stops what was started, removes what was created."""

import signal
import sys
from collections.abc import Callable


def run(main: Callable[[], int]) -> None:
    """Runs `main` and exits with its status, or with 130 if interrupted or terminated."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _end(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
