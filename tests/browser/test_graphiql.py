"""GraphiQL in a real browser that reaches this server and nothing else."""

import asyncio
import json

import pytest
from playwright.async_api import expect

from tests.browser.browsing import Visit
from tests.server.processes import Server

ATTEMPTS = 40
"""How often to spend: nothing says when the subscription has begun."""

ACCOUNT = "{ viewer { accounts { id } } }"
STORED_SECOND_TAB = """() =>
    JSON.parse(sessionStorage.getItem("graphiql:tabState") ?? "{}").activeTabIndex === 1"""
POST_JOB = """mutation($account: ID!, $key: String!) { postJob(input: {
    accountId: $account, title: "A cake", description: "Of bread.", idempotencyKey: $key
}) { __typename } }"""


def clara(demo: Server) -> str:
    """The token that the server prints first."""
    return demo.printed(r'\{"Authorization": "Bearer (\S+)"\}', 4)[0]


async def test_it_opens_with_the_readmes_story_in_tabs_and_claras_token(
    visit: Visit, demo: Server
) -> None:
    tabs = await visit.page.get_by_role("tab").all_inner_texts()

    assert (tabs[0], tabs[1]) == ("Clara1Viewer", "Clara2OpenAccount")
    assert any("WalletEntryAdded" in tab for tab in tabs)
    assert len(tabs) >= 16
    assert f'"Authorization": "Bearer {clara(demo).partition(".")[0]}.' in await visit.headers()


async def test_the_first_tab_shows_claras_wallet(visit: Visit) -> None:
    await visit.run("Clara1Viewer", '"Clara Client"', '"nextGrant"')


@pytest.mark.slow
async def test_the_story_goes_on_from_tab_to_tab_with_the_ids_it_was_given(visit: Visit) -> None:
    await visit.run("OpenAccount", '"available": 60')
    await visit.run("ConnectsPackages", '"$1.50"')
    await visit.run("BuyConnects", '"PAID"', '"available": 70')
    await visit.run("Clara5PostJob", '"OPEN"', '"available": 69')
    await visit.run("SubmitProposal", '"A logo for a bakery"')


@pytest.mark.slow
async def test_a_subscription_shows_what_is_spent_elsewhere(visit: Visit, demo: Server) -> None:
    account, *_ = demo.ask(ACCOUNT, clara(demo))["viewer"]["accounts"]

    await visit.run("WalletEntryAdded")
    for attempt in range(ATTEMPTS):
        demo.ask(POST_JOB, clara(demo), account=account["id"], key=f"cake {attempt}")
        await asyncio.sleep(0.25)
        if '"SPEND"' in await visit.answer():
            break

    await visit.see('"walletEntryAdded"', '"connects": -1')


async def test_the_documentation_describes_the_types(visit: Visit) -> None:
    await visit.read_about("Query", "User")

    docs = visit.page.locator(".graphiql-doc-explorer")
    await expect(docs).to_contain_text("A person who signs in and is a member of accounts.")


@pytest.mark.slow
async def test_the_explorer_offers_the_fields(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Show GraphiQL Explorer").click()

    await expect(visit.page.locator(".graphiql-plugin")).to_contain_text("connectsPackages")


@pytest.mark.slow
async def test_a_reload_keeps_the_tab_and_the_ids(visit: Visit) -> None:
    await visit.run("OpenAccount", '"id"')
    opened = json.loads(await visit.stored("ids"))["CLARAS_ACCOUNT"]
    await visit.page.wait_for_function(STORED_SECOND_TAB)
    await visit.page.reload()

    active = visit.page.get_by_role("tab", selected=True)
    await expect(active).to_contain_text("Clara2OpenAccount")
    assert json.loads(await visit.stored("ids"))["CLARAS_ACCOUNT"] == opened
    assert json.loads(await visit.stored("demo ids"))["CLARAS_ACCOUNT"] != opened
