"""All that one operation reads of a wallet is of one moment, however often others spend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from models.rules.kinds import AccountKind
from schema.ids import parse_id
from tests.clocks import ManualClock
from tests.models.builders import Holder, buying, spending
from tests.schema.callers import Api, Json, Member

READS = 300
WALLET = """
    available held
    entries(first: 1) { nodes { sequence availableAfter } }
    filtered: entries(first: 1, filter: {kinds: [SPEND, PURCHASE, GRANT, EXPIRY]}) {
        nodes { sequence availableAfter } }
    last: entries(last: 1, filter: {kinds: [GRANT]}) { nodes { draws { connects } } }
    lots(first: 100) { nodes { id remaining } }
    all: lots(first: 100, onlyLive: false) { nodes { remaining } }
    expiring(withinDays: 3660, first: 100) { connects lot { remaining } }
    availableAt(time: "2026-11-22T23:30:00Z")
    nextGrant { connects }
"""
READ = f"""query($account: ID!, $lot: ID!) {{
    account: node(id: $account) {{ ... on Account {{ wallet {{ {WALLET} }} }} }}
    viewer {{ accounts {{ wallet {{ {WALLET} }} }} }}
    lot: node(id: $lot) {{ ... on Lot {{ id remaining }} }}
    again: node(id: $account) {{ id ... on Account {{ wallet {{ {WALLET} }} }} }}
    quote(input: {{accountId: $account, action: POST_JOB}}) {{ available }}
}}"""


@asynccontextmanager
async def spent_from(api: Api, clara: Member) -> AsyncIterator[None]:
    """Others spend from Clara's wallet meanwhile, and buy, as fast as they can."""
    viewer = parse_id((await clara.ask("{ viewer { id } }"))["viewer"]["id"])
    account = parse_id(clara.account_id)
    assert viewer is not None and account is not None
    holder = Holder(AccountKind.CLIENT, account.id, viewer.id)

    async def spend() -> None:
        for number in range(1_000_000):
            command = buying(holder, 100) if number % 100 == 99 else spending(holder, 1)
            await api.services.ledger.post(command)

    spends = asyncio.create_task(spend())
    try:
        yield
    finally:
        assert not spends.done(), spends.exception()
        spends.cancel()
        await asyncio.wait({spends})


def disagreements(wallet: Json) -> list[str]:
    """What of a wallet does not belong to the moment of its `available`."""
    newest, filtered = wallet["entries"]["nodes"][0], wallet["filtered"]["nodes"][0]
    said = {
        "the newest entry": newest["availableAfter"],
        "the newest entry of some kinds": filtered["availableAfter"],
        "the lots": sum(lot["remaining"] for lot in wallet["lots"]["nodes"]),
        "all lots": sum(lot["remaining"] for lot in wallet["all"]["nodes"]),
        "what expires": sum(soon["connects"] for soon in wallet["expiring"]),
        "what expires, by lots": sum(soon["lot"]["remaining"] for soon in wallet["expiring"]),
        "availableAt": wallet["availableAt"],
    }
    return [what for what, connects in said.items() if connects != wallet["available"]]


@pytest.mark.slow
async def test_every_read_under_spends_is_of_one_moment(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await clara.buy(80)
    lot = (await clara.wallet("lots { nodes { id } }"))["lots"]["nodes"][0]["id"]
    clock.move_to("2026-11-22T23:30:00+00:00")
    seen = set()

    async with spent_from(api, clara):
        for _ in range(READS):
            data = await clara.ask(READ, account=clara.account_id, lot=lot)

            wallet = data["account"]["wallet"]
            assert disagreements(wallet) == []
            assert data["viewer"]["accounts"] == [{"wallet": wallet}]
            assert data["again"]["wallet"] == wallet
            assert data["quote"]["available"] == wallet["available"]
            live = {each["id"]: each["remaining"] for each in wallet["lots"]["nodes"]}
            assert data["lot"]["remaining"] == live.get(lot, 0)
            seen.add(wallet["entries"]["nodes"][0]["sequence"])

    assert len(seen) > READS / 10, "nobody spent meanwhile"


@pytest.mark.slow
async def test_the_wallet_of_a_mutation_is_of_the_moment_of_its_entry(
    api: Api, clock: ManualClock
) -> None:
    clara = await api.client()
    await clara.buy(80)
    clock.move_to("2026-11-22T23:30:00+00:00")
    more = f"entry {{ sequence availableAfter }} wallet {{ {WALLET} }}"
    document = f"""mutation($account: ID!, $package: ID!, $a: String!, $b: String!) {{
        posted: postJob(input: {{accountId: $account, title: "A", description: "B",
            idempotencyKey: $a}}) {{
            ... on PostJobSuccess {{ {more} job {{ account {{ wallet {{ {WALLET} }} }} }} }} }}
        bought: buyConnects(input: {{accountId: $account, packageId: $package,
            idempotencyKey: $b}}) {{
            ... on BuyConnectsSuccess {{ {more} purchase {{ lot {{ id remaining }} }} }} }}
    }}"""
    package = await clara.package(10)

    async with spent_from(api, clara):
        for number in range(READS // 6):
            data = await clara.ask(
                document, account=clara.account_id, package=package, a=f"a{number}", b=f"b{number}"
            )

            for made in data.values():
                assert disagreements(made["wallet"]) == []
                assert made["wallet"]["entries"]["nodes"] == [made["entry"]]
                assert made["wallet"]["available"] == made["entry"]["availableAfter"]
            posted, bought = data["posted"], data["bought"]
            assert posted["job"]["account"]["wallet"] == posted["wallet"]
            assert bought["purchase"]["lot"]["remaining"] == 10
            assert bought["purchase"]["lot"] in bought["wallet"]["lots"]["nodes"]
