"""What the figures were measured on: they mean nothing without it."""

import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median

WRITES = 50


def describe() -> list[str]:
    """The machine, in a few lines."""
    return [
        f"{_cores()} cores, {_processor()}, {platform.system()} {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        f"one page to disk (write and fsync): {_fsync_ms():.2f} ms; "
        f"load average before: {os.getloadavg()[0]:.1f}",
    ]


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or "unknown processor"


def _fsync_ms() -> float:
    """What a commit waits for at least, in the folder where the databases are made."""
    taken = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(WRITES):
            started = time.perf_counter()
            file.write(bytes(8192))
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    return median(taken) * 1000
