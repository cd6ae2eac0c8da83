"""Describes the machine, without which the figures are meaningless."""

import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median

WRITES = 50


def describe() -> list[str]:
    """Describes the machine in a few lines."""
    return [
        f"{_cores()} cores, {_processor()}, {platform.system()} {platform.machine()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        f"one page to disk (write and fsync): {_fsync_ms():.2f} ms; "
        f"load average before: {os.getloadavg()[0]:.1f}",
    ]


def _cores() -> int:
    """Returns the number of cores that this process may use."""
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
    """The minimum duration of a commit, in the folder of the databases."""
    taken = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(WRITES):
            started = time.perf_counter()
            file.write(bytes(8192))
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    return median(taken) * 1000
