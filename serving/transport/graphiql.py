"""GraphiQL for development: the page, its files, and the story in its tabs.

The page loads every file from this server, under a Content-Security-Policy that forbids all other
sources. `make` fetches its npm packages; without them the page is Strawberry's, from a CDN.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
)
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from serving.internals.strawberry import get_graphql_ide_html

_ROOT: Final = Path(__file__).parents[2]
_STORY: Final = _ROOT / "docs" / "story.md"
_FOLDER: Final = _ROOT / "graphiql"
_PAGE: Final = "page.html"
FILES: Final = {
    "page.js": "page.js",
    "page.css": "page.css",
    "react.js": "node_modules/react/umd/react.production.min.js",
    "react-dom.js": "node_modules/react-dom/umd/react-dom.production.min.js",
    "graphiql.js": "node_modules/graphiql/graphiql.min.js",
    "graphiql.css": "node_modules/graphiql/graphiql.min.css",
    "explorer.js": "node_modules/@graphiql/plugin-explorer/dist/index.umd.js",
    "explorer.css": "node_modules/@graphiql/plugin-explorer/dist/style.css",
}
"""The files served below /graphiql/; there are no others."""

_OWN_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_SAFE: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

_EXAMPLES: Final = re.compile(
    r"^### (?P<heading>.+)$|```graphql\n(?P<query>[^`]*)```(?:\s+```json\n(?P<answer>[^`]*)```)?",
    re.MULTILINE,
)
_PLACEHOLDER: Final = re.compile(r'"([A-Z]+_[A-Z_]+)"')
_WELCOME: Final = """\
The button on the right runs this.
The tabs follow docs/story.md.

Words in capitals are placeholders.
Ids from the demo data and from earlier
tabs replace them when you run it."""
_SUBSCRIPTION: Final = """\
subscription {
  walletEntryAdded(accountId: "CLARAS_ACCOUNT") { sequence kind connects availableAfter }
}"""
_WAITING: Final = """\
Each change of Clara's wallet, as it
happens. Run this, then spend in a tab."""


class Tab(NamedTuple):
    """An operation that is ready to run.

    `ids` maps placeholders to the positions of their ids in the response data.
    """

    name: str
    person: str
    query: str
    ids: Mapping[str, list[str | int]]


class GraphiQL:
    """The page and its files. `tokens` maps first names of the story's users to their tokens.

    The first one is signed in until another user is chosen.
    """

    def __init__(self, tokens: Mapping[str, str], folder: Path = _FOLDER) -> None:
        self.is_complete = all((folder / file).is_file() for file in FILES.values())
        self._folder = folder
        self._people = {
            name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()
        }

    def routes(self) -> list[Route]:
        """Returns the routes of the page's files; none if the npm packages are missing."""
        if not self.is_complete:
            return []
        return [Route("/graphiql/start.json", self._start), Route("/graphiql/{name}", self._file)]

    def page(self) -> Response:
        """Returns the page for a browser that visits /graphql."""
        if not self.is_complete:
            return HTMLResponse(get_graphql_ide_html(graphql_ide="graphiql"))
        return HTMLResponse(
            (self._folder / _PAGE).read_bytes(),
            headers={**_SAFE, "Content-Security-Policy": _POLICY, "Vary": "Accept"},
        )

    def _start(self, request: Request) -> Response:
        tabs = [tab._asdict() for tab in story(_STORY.read_text(encoding="utf-8"))]
        # Another site could resolve its name to this address and then send requests here.
        people = self._people if request.url.hostname in _OWN_NAMES else {}
        start = {"people": people, "tabs": tabs}
        return JSONResponse(start, headers={**_SAFE, "Cache-Control": "no-store"})

    def _file(self, request: Request) -> Response:
        file = FILES.get(request.path_params["name"])
        if file is None:
            return PlainTextResponse("Not Found", 404, _SAFE)
        path = self._folder / file
        content = path.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {**_SAFE, "ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=_MEDIA_TYPES[path.suffix])


def story(text: str) -> list[Tab]:
    """Returns a tab for each example of the story, in order, and one with a subscription.

    The first word of a heading is the user of the examples that follow.
    """
    person, comment = "", _WELCOME
    placeholders = set(_PLACEHOLDER.findall("".join(re.findall("```graphql([^`]*)", text))))
    tabs: list[Tab] = []
    for found in _EXAMPLES.finditer(text):
        if comment_given := found["heading"]:
            comment = comment_given
            person = re.split(r"\W", comment)[0]
        else:
            shown = json.loads(found["answer"] or "{}").get("data")
            ids = {name: path for name, path in _strings(shown) if name in placeholders}
            tabs.append(_tab(len(tabs) + 1, person, comment, found["query"], ids))
    if not any("subscription" in tab.query for tab in tabs):
        tabs.append(_tab(len(tabs) + 1, tabs[0].person, _WAITING, _SUBSCRIPTION, {}))
    return tabs


def _tab(
    number: int, person: str, comment: str, query: str, ids: Mapping[str, list[str | int]]
) -> Tab:
    operation, *fragments = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    field = _first_field(operation.selection_set)
    name = f"{person}{number}{field[0].upper()}{field[1:]}"
    named = replace(operation, name=NameNode(value=name))
    document = DocumentNode(definitions=(named, *fragments))
    comments = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    return Tab(name, person, f"{comments}\n{print_ast(document)}\n", ids)


def _first_field(selected: SelectionSetNode | None) -> str:
    """Returns the first root field of an operation; for `node`, the first field of the node."""
    assert selected is not None
    selection = selected.selections[0]
    if isinstance(selection, FieldNode) and selection.name.value != "node":
        return selection.name.value
    return _first_field(selection.selection_set)  # type: ignore[attr-defined]


def _strings(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, list[str | int]]]:
    """Yields every string in `data` with the keys and indexes that lead to it."""
    if isinstance(data, str):
        yield data, list(path)
    elif isinstance(data, dict | list):
        for key, part in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _strings(part, (*path, key))
