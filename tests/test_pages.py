"""The examples of the README and of the story, run as written on the server as a process."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from settings import SETTINGS

ROOT = Path(__file__).parent.parent
PLACEHOLDER = re.compile(r"[A-Z]+_[A-Z_]+")
SUBJECTS = {"Clara": "demo-client", "Farid": "demo-freelancer"}


class Example(NamedTuple):
    """A request, and its answer as the page shows it."""

    subject: str
    query: str
    answer: Any


def examples(page: str) -> Iterator[Example]:
    subject = "demo-client"
    blocks = re.finditer(
        r"^### (?P<heading>\w+)|```graphql\n(?P<query>.*?)```\s+```json\n(?P<answer>.*?)```",
        (ROOT / page).read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    for block in blocks:
        if heading := block["heading"]:
            subject = SUBJECTS.get(heading, subject)
        else:
            yield Example(subject, block["query"], json.loads(block["answer"]))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CONNECTS_")},
        "CONNECTS_DATABASE_URL": f"sqlite://{tmp_path / 'readme.sqlite3'}",
        "CONNECTS_PORT": "0",
    }
    command = [sys.executable, str(ROOT / "server.py")]
    process = subprocess.Popen(
        [*command, "run", "--demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    url = re.findall(r"http://\S+/graphql", process.stdout.readline())[0]
    tokens = {
        subject: subprocess.check_output(
            [*command, "token", subject], env=environment, text=True
        ).strip()
        for subject in SUBJECTS.values()
    }
    yield url, tokens
    process.terminate()
    process.wait(timeout=15)
    process.stdout.close()


@pytest.mark.parametrize("page", ["README.md", "docs/story.md"])
def test_the_examples_of_a_page_happen_as_they_are_told(
    server: tuple[str, dict[str, str]], page: str
) -> None:
    url, tokens = server
    names: dict[str, str] = {}

    for example in examples(page):
        query = PLACEHOLDER.sub(lambda word: names.get(word[0], word[0]), example.query)
        answer = httpx.post(
            url,
            json={"query": query},
            headers={"Authorization": f"Bearer {tokens[example.subject]}"},
        ).json()
        # Every answer reports its cost; the pages leave it out.
        del answer["extensions"]

        assert agreed(example.answer, answer, names), (example.query, answer)

    assert {"CLARAS_ACCOUNT", "CLARAS_JOB"} <= names.keys()


def agreed(shown: Any, given: Any, names: dict[str, str]) -> bool:
    """Whether `given` is what the page shows; what stands for an id is noted in `names`."""
    if isinstance(shown, dict) and isinstance(given, dict):
        return shown.keys() == given.keys() and all(
            agreed(part, given[name], names) for name, part in shown.items()
        )
    if isinstance(shown, list) and isinstance(given, list):
        return len(shown) == len(given) and all(
            agreed(one, other, names) for one, other in zip(shown, given, strict=True)
        )
    if shown == "…":
        return isinstance(given, str)
    if isinstance(shown, str) and PLACEHOLDER.fullmatch(shown) and len(str(given)) > len(shown):
        return names.setdefault(shown, str(given)) == str(given)
    same: bool = shown == given
    return same


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

    documented = re.findall(r"^\| `(CONNECTS_\w+)`", page, re.MULTILINE)

    assert documented == list(SETTINGS)
