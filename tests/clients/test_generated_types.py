"""The TypeScript that GraphQL Code Generator makes of the schema and the README's operations."""

import re
import shutil
from pathlib import Path

from tests.clients.node import FOLDER, PACKAGES, answer, run
from tests.test_pages import examples

SCHEMA = FOLDER.parents[1] / "schema.graphql"


_NAMES = {"openAccount": "Opening", "postJob": "Spending"}
"""What usage.ts calls the first operations with these fields."""


def test_the_types_for_the_readmes_operations_can_be_used_under_strict(tmp_path: Path) -> None:
    documents = named([example.query for example in examples("docs/story.md")])

    files = answer("codegen.js", {"schema": SCHEMA.read_text(), "documents": documents})
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    shutil.copy(FOLDER / "usage.ts", tmp_path)

    assert len(documents) > 10
    run(
        PACKAGES / "typescript" / "bin" / "tsc",
        *("--noEmit", "--strict", "--target", "es2022", "--module", "esnext"),
        *("--moduleResolution", "bundler", "usage.ts", *files),
        cwd=tmp_path,
    )


def named(documents: list[str]) -> list[str]:
    """The documents with a name for each operation, which its types are called after."""
    names = dict(_NAMES)
    kind = re.compile(r"^(query|mutation|subscription)\b")
    return [
        kind.sub(rf"\1 {_name(text, names) or f'Story{n}'}", text)
        for n, text in enumerate(documents)
    ]


def _name(text: str, names: dict[str, str]) -> str | None:
    field = next((field for field in names if f"{field}(" in text), None)
    return field and names.pop(field)
