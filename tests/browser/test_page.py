"""What the server gives browsers, whether npm's packages are there or not."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from serving.transport.graphiql import FILES, GraphiQL, story

ROOT = Path(__file__).parents[2]
STORY = (ROOT / "docs" / "story.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """All of the page's files, with nothing in them."""
    for name in ("page.html", *FILES.values()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"this is {name}")
    return tmp_path


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=GraphiQL({"Clara": "a.b.c"}, folder).routes())
    transport = httpx.ASGITransport(app)
    base_url = "http://127.0.0.1/graphiql/"
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
        yield client


def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline(folder: Path) -> None:
    page = GraphiQL({}, folder).page()

    policy = dict(
        rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_the_page_names_only_files_that_are_served() -> None:
    page = (ROOT / "graphiql/page.html").read_text(encoding="utf-8")

    addresses = re.findall(r'(?:src|href)="(?!data:)([^"]*)"', page)
    assert sorted(addresses) == sorted(f"/graphiql/{name}" for name in FILES)


async def test_every_file_is_served_and_not_again_while_it_stays_the_same(
    client: httpx.AsyncClient,
) -> None:
    for name, file in FILES.items():
        first = await client.get(name)
        again = await client.get(name, headers={"If-None-Match": first.headers["etag"]})

        assert (first.status_code, first.text) == (200, f"this is {file}")
        assert first.headers["content-type"].partition(";")[0] in {"text/javascript", "text/css"}
        assert first.headers["x-content-type-options"] == "nosniff"
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "name", ["package.json", "page.html", "..%2fREADME.md", "%2e%2e/README.md", "node_modules", ""]
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(name)

    assert (answer.status_code, answer.text) == (404, "Not Found")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_the_page_gets_tokens_that_nobody_keeps(client: httpx.AsyncClient) -> None:
    start = await client.get("start.json")

    assert start.json()["people"] == {"Clara": {"Authorization": "Bearer a.b.c"}}
    assert start.headers["cache-control"] == "no-store"


async def test_a_page_whose_name_is_made_to_stand_for_this_address_gets_no_token(
    client: httpx.AsyncClient,
) -> None:
    for host in ("evil.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com"):
        start = await client.get("start.json", headers={"host": host})

        assert start.json()["people"] == {}


async def test_without_demo_users_there_is_no_token(folder: Path) -> None:
    transport = httpx.ASGITransport(Starlette(routes=GraphiQL({}, folder).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        start = (await client.get("/graphiql/start.json")).json()

    assert start["people"] == {}
    assert start["tabs"]


def test_without_npms_packages_the_page_is_strawberrys(tmp_path: Path) -> None:
    graphiql = GraphiQL({"Clara": "a.b.c"}, tmp_path)

    assert not graphiql.is_complete
    assert graphiql.routes() == []
    assert b"Strawberry GraphiQL" in bytes(graphiql.page().body)


def test_there_is_a_tab_for_each_example_of_the_readme() -> None:
    tabs = story(STORY)

    own_subscription = "```graphql\nsubscription" not in STORY
    assert len(tabs) == STORY.count("```graphql\n") + own_subscription
    assert len({tab.name for tab in tabs}) == len(tabs)
    assert {tab.person for tab in tabs} == {"Clara", "Farid"}
    assert sum("subscription" in tab.query for tab in tabs) == 1


def test_a_tab_knows_where_its_answer_has_ids() -> None:
    tabs = story(
        "### Farid, a freelancer, looks\n\n"
        '```graphql\n{ node(id: "HIS_ACCOUNT") { ... on Account { jobs { id } } } }\n```\n\n'
        '```json\n{"data": {"node": {"jobs": [{"id": "HIS_JOB", "kind": "NO_ID"}]}}}\n```\n\n'
        '```graphql\n{ again: node(id: "HIS_JOB") { id } }\n```\n'
    )

    assert [tab.name for tab in tabs[:2]] == ["Farid1Jobs", "Farid2Id"]
    assert tabs[0].query.startswith("# Farid, a freelancer, looks\n\nquery Farid1Jobs {\n")
    assert (tabs[0].ids, tabs[1].ids) == ({"HIS_JOB": ["node", "jobs", 0, "id"]}, {})
