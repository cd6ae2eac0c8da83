"""The clock passed to everything that needs the time; tests pass their own."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the current instant in microseconds since 1970-01-01T00:00:00Z."""


def system_clock() -> int:
    return time.time_ns() // 1000
