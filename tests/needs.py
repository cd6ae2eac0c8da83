"""What a test needs of the machine: it is skipped without it, except where CI=true."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skips the running test with that reason; where CI=true it fails instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} Under CI=true nothing may be skipped.", pytrace=False)
    pytest.skip(reason)


def needs_program(name: str) -> str:
    """The path of the program that the shell would find by that name."""
    return shutil.which(name) or missing(f"{name} is not installed.")


def needs_file(path: Path, remedy: str) -> Path:
    """`path`, which must be there; `remedy` says how it comes there."""
    return path if path.exists() else missing(f"{path} is not there. {remedy}")
