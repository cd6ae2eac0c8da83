"""Statements as files and pages: opened by whoever has the address, for a while, as it was made."""

import csv
import io
import re
from typing import Any

import pytest

from models.rules.instants import DAY, SECOND
from resolvers.services import Services
from statements import csv_file, routes
from tests.clocks import ManualClock
from tests.schema.callers import WEB_DEVELOPER, Api, Member
from tests.statements.opening import addresses, browser

MINUTE = 60 * SECOND
FORMULA = '=HYPERLINK("http://evil.example.com","free")'
MARKUP = "</td><script>alert(1)</script>&\"'"


async def busy(api: Api, clock: ManualClock, title: str = "A website") -> tuple[Member, int]:
    """A client who bought, posted a job, invited and contacted somebody, and since when."""
    start = clock.now
    clara = await api.client()
    farid = await api.freelancer("Farid", {**WEB_DEVELOPER, "title": title})
    await clara.buy(20)
    job = (await clara.post_job(title=title))["job"]["id"]
    await clara.invite(job, farid, 5)
    await clara.contact(farid)
    clock.advance(DAY)
    return clara, start


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def test_the_file_has_a_line_for_each_entry(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)

    async with browser(services) as web:
        answer = await web.get(urls["csvUrl"])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="connects-2026-11-22-2026-11-23.csv"'
    )
    columns = ("kind", "action", "connects", "available", "held", "subject", "member")
    assert [tuple(row[name] for name in columns) for row in rows_of(answer.text)] == [
        ("GRANT", "", "60", "60", "0", "", ""),
        ("PURCHASE", "", "20", "80", "0", "", "Clara"),
        ("SPEND", "POST_JOB", "-1", "79", "0", "A website", "Clara"),
        ("SPEND", "INVITE_FREELANCER", "-5", "74", "0", "A website", "Clara"),
        ("SPEND", "CONTACT_FREELANCER", "-1", "73", "0", "A website", "Clara"),
    ]
    paid = [(row["paid_minor"], row["currency"]) for row in rows_of(answer.text)]
    assert paid == [("", ""), ("300", "USD"), ("", ""), ("", ""), ("", "")]


async def test_an_address_gives_what_the_statement_said_whatever_happens_later(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)
    clock.now -= MINUTE
    await clara.new_job()
    clock.now += MINUTE

    async with browser(services) as web:
        rows = rows_of((await web.get(urls["csvUrl"])).text)

    assert [row["sequence"] for row in rows] == ["1", "2", "3", "4", "5"]


async def test_no_text_is_a_formula_and_numbers_are_numbers(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock, FORMULA)
    urls = await addresses(clara, start, clock.now)

    async with browser(services) as web:
        text = (await web.get(urls["csvUrl"])).text

    assert {row["subject"] for row in rows_of(text)} == {"", f"'{FORMULA}"}
    assert ",-5,74,0," in text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (None, ""),
        ("", ""),
        ("plain", "plain"),
        ("a=b", "a=b"),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'=1", "'=1"),
    ],
)
def test_what_begins_like_a_formula_becomes_text(text: str | None, cell: str) -> None:
    assert csv_file.as_text(text) == cell


async def test_the_page_to_print_escapes_all_text_and_runs_nothing(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock, MARKUP)
    urls = await addresses(clara, start, clock.now)

    async with browser(services) as web:
        answer = await web.get(urls["printUrl"])

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#x27;" in answer.text
    assert "Statement of Clara&#x27;s" in answer.text
    sums = dict(re.findall(r'<td>([^<]+)</td><td class="number">([^<]+)</td></tr>', answer.text))
    assert sums["Opening balance"] == "0"
    assert (sums["Granted"], sums["Purchased"], sums["Spent"]) == ("+60", "+20", "-7")
    assert (sums["of it on invite freelancer"], sums["Paid"]) == ("-5", "$3.00")
    assert sums["Closing balance"] == "73"
    assert "5 entries." in answer.text
    assert 'counter(page) " of " counter(pages)' in answer.text


async def test_an_address_is_good_for_fifteen_minutes(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)

    async with browser(services) as web:
        for url in urls.values():
            clock.advance(15 * MINUTE - 1)
            assert (await web.get(url)).status_code == 200
            clock.advance(1)
            expired = await web.get(url)
            assert expired.status_code == 410
            assert expired.text.startswith("This address has expired.")
            clock.advance(-15 * MINUTE)


async def test_an_address_that_was_changed_in_one_character_is_refused(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)
    path, _, key = urls["csvUrl"].partition("key=")
    changed = [
        key[:place] + other + key[place + 1 :]
        for place in range(len(key))
        for other in ("A", "B", "-", "=", "%00", "é")
        if key[place] != other
    ]
    changed += ["", key[:-1], f"{key}A", f"{key}=", key.swapcase(), "A" * 119, "A" * 5_000]

    async with browser(services) as web:
        for other in changed:
            answer = await web.get(f"{path}key={other}")
            assert answer.status_code == 403, other
            assert answer.text.startswith("This address is not valid.")
        as_page = await web.get(urls["csvUrl"].replace("/csv", "/print"))
        assert as_page.status_code == 403
        assert (await web.get("/statements/csv")).status_code == 403
        assert (await web.get(urls["csvUrl"].replace("/csv", "/pdf"))).status_code == 404
        assert (await web.post(urls["csvUrl"])).status_code == 405


async def test_an_address_of_another_servers_secret_is_refused(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)
    object.__setattr__(services, "signing_key", b"another key")

    async with browser(services) as web:
        assert (await web.get(urls["csvUrl"])).status_code == 403


async def test_head_gives_the_headers_alone(
    api: Api, services: Services, clock: ManualClock
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)

    async with browser(services) as web:
        answer = await web.head(urls["csvUrl"])

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"


async def test_an_account_has_only_so_many_statements_open(
    api: Api, services: Services, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clara, start = await busy(api, clock)
    urls = await addresses(clara, start, clock.now)
    within: list[int] = []

    async with browser(services) as web:

        async def opening_more(*arguments: Any) -> Any:
            if len(within) < routes.MOST_OF_ACCOUNT:
                within.append((await web.get(urls["csvUrl"])).status_code)
            return []

        monkeypatch.setattr("models.store.history.statement_lines.read", opening_more)
        assert (await web.get(urls["csvUrl"])).status_code == 200
        assert within.count(503) == 1
        monkeypatch.undo()
        assert (await web.get(urls["csvUrl"])).status_code == 200
