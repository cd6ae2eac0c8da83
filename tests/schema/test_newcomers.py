"""New users and new accounts: so many from one address and from one issuer, and more with time."""

import asyncio
from typing import NoReturn

import httpx
import pytest

from models.rules.instants import FOREVER, SECOND
from models.rules.refusals import TryAgain
from resolvers.people.tokens import issue_token
from schema.newcomers import ISSUER_FACTOR, Full, Newcomers, Origin
from schema.sign_in import SignIn
from serving.operations.throttle import Rate, Throttled
from tests.books import count
from tests.clocks import ManualClock
from tests.schema.callers import RULES, SECRET, Api, Caller
from tests.serving.served import serving
from tests.serving.transport.test_sockets import opened

RATE = Rate(maximum=3, restored=1)


def header(subject: str, **claims: str) -> str:
    return f"Bearer {issue_token(SECRET, subject, FOREVER, **claims)}"


async def users(api: Api) -> int:
    return await count(api.services.database, "user")


async def signed_in(callers: SignIn, subjects: list[str], host: str | None, **claims: str) -> int:
    """How many of the subjects were let in."""
    let_in = 0
    for subject in subjects:
        try:
            await callers.caller(header(subject, **claims), host)
            let_in += 1
        except Throttled:
            pass
    return let_in


def names(prefix: str, number: int) -> list[str]:
    return [f"{prefix}{n}" for n in range(number)]


def test_who_finds_no_room_at_the_issuer_is_not_counted_at_the_address(clock: ManualClock) -> None:
    newcomers = Newcomers(RATE, clock)
    for n in range(RATE.maximum * ISSUER_FACTOR):
        assert newcomers.admit(Origin(f"address {n}", "issuer")) is None

    refused = newcomers.admit(Origin("one more", "issuer"))
    others = [newcomers.admit(Origin("one more", "another")) for _ in range(4)]

    assert refused == Full("issuer", 30, 0.1)
    assert others == [None, None, None, Full("address", 3, 1.0)]


async def test_a_new_user_too_many_is_told_when_to_come_again(api: Api, clock: ManualClock) -> None:
    counting = Api.of(api.services, newcomers=RATE)
    for name in names("user", 3):
        await counting.somebody(name).ask("{ viewer { id } }")

    async with api.unchanged():
        refused = await counting.somebody("Ada").send("{ viewer { id } }")
        made = await users(api)
        again = await counting.somebody("user0").ask("{ viewer { name } }")
        renewed = Caller(counting.http, issue_token(SECRET, "user1", FOREVER, jti="another"))
        assert (await renewed.ask("{ viewer { name } }"))["viewer"]["name"] == "user1"

    assert made == 3
    assert again == {"viewer": {"name": "user0"}}
    assert_throttled(refused, 1)
    clock.advance(SECOND)
    assert (await counting.somebody("Ada").ask("{ viewer { name } }"))["viewer"]["name"] == "Ada"
    assert_throttled(await counting.somebody("Ben").send("{ viewer { id } }"), 1)
    assert await users(api) == 4


def assert_throttled(answer: httpx.Response, seconds: int) -> None:
    (error,) = answer.json()["errors"]
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == str(seconds)
    assert error["message"] == (
        f"Too many new users come from this address. Try again in {seconds} s."
    )
    assert error["extensions"] == {
        "code": "THROTTLED",
        "retryAfter": float(seconds),
        "requestId": answer.headers["x-request-id"],
    }


async def test_a_socket_of_a_new_user_too_many_is_closed(api: Api) -> None:
    async with serving(api.services, newcomers=Rate(1, 1)) as server:
        async with opened(server) as first:
            await first.sign_in(api.somebody("Ada").token)
        async with opened(server) as second:
            payload = {"Authorization": header("Ben")}
            await second.send(type="connection_init", payload=payload)
            closed = await second.closed()

    message = "Too many new users come from this address. Try again in 1 s."
    assert closed == (4429, message)
    assert await users(api) == 1


@pytest.mark.parametrize(
    ("others", "let_in"),
    [
        (["203.0.113.2", "::ffff:203.0.113.2", "2001:db8::1"], [3, 0, 3]),
        (["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"], [3, 0, 3]),
        ([None, "", None], [3, 0, 0]),
    ],
    ids=["IPv4", "IPv6", "unknown"],
)
async def test_addresses_are_counted_by_their_network(
    api: Api, others: list[str | None], let_in: list[int]
) -> None:
    callers = SignIn(api.services, RULES, RATE)
    assert await signed_in(callers, names("first", 9), "203.0.113.1") == 3

    assert [
        await signed_in(callers, names(f"{n} ", 9), host) for n, host in enumerate(others)
    ] == let_in
    assert await users(api) == 3 + sum(let_in)


async def test_issuers_are_counted_whatever_the_address(api: Api) -> None:
    callers = SignIn(api.services, RULES, Rate(1, 1))
    let_in = [
        sum(
            [
                await signed_in(callers, [f"{iss} {n}"], f"10.0.{block}.{n}", iss=iss)
                for n in range(15)
            ]
        )
        for block, iss in enumerate(("one", "two"))
    ]
    without = [await signed_in(callers, [f"user {n}"], f"10.1.0.{n}") for n in range(15)]

    assert let_in == [10, 10]
    assert sum(without) == 10


async def test_many_first_requests_of_one_user_count_as_one(api: Api) -> None:
    callers = SignIn(api.services, RULES, Rate(2, 1))

    found = await asyncio.gather(*(callers.caller(header("Ada"), "here") for _ in range(50)))

    assert len({caller.key for caller in found}) == 1
    assert await signed_in(callers, ["Ben", "Cleo"], "here") == 1


async def test_a_user_who_was_not_made_is_not_counted(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    callers = SignIn(api.services, RULES, Rate(1, 1))

    async def is_busy(_: object) -> NoReturn:
        raise TryAgain

    with monkeypatch.context() as patched:
        patched.setattr(api.services.ledger, "post", is_busy)
        for _ in range(3):
            with pytest.raises(TryAgain):
                await callers.caller(header("Ada"), "here")

    assert await signed_in(callers, ["Ada", "Ben"], "here") == 1
    assert not callers._being_made


async def test_an_account_too_many_is_refused_until_there_is_room(
    api: Api, clock: ManualClock
) -> None:
    counting = Api.of(api.services, newcomers=RATE)
    ada, ben = counting.somebody("Ada"), counting.somebody("Ben")
    account = {"kind": "CLIENT", "name": "A bakery"}
    for person, key in ((ada, "0"), (ada, "0"), (ada, "1"), (ben, "0")):
        await person.mutate("openAccount", **account, idempotencyKey=key)
    opened_before = await count(api.services.database, "account")

    async with api.unchanged():
        refused = await ben.mutate("openAccount", **account, idempotencyKey="late")
        replayed = await ada.mutate("openAccount", **account, idempotencyKey="0")

    clock.advance(SECOND)
    after = await ben.mutate("openAccount", **account, idempotencyKey="late")

    assert opened_before == 3
    assert (refused["__typename"], refused["code"]) == ("LimitExceeded", "LIMIT_EXCEEDED")
    assert (refused["limit"], refused["used"], refused["retryable"]) == (3, 3, True)
    assert refused["message"].startswith("Many accounts were opened from your address lately.")
    assert refused["resetsAt"] == "2026-11-22T09:30:01.000000Z"
    assert replayed["replayed"]
    assert (after["__typename"], after["replayed"]) == ("OpenAccountSuccess", False)


async def test_accounts_that_were_not_opened_are_not_counted(api: Api) -> None:
    counting = Api.of(api.services, newcomers=RATE)
    ada = counting.somebody("Ada")
    good = {"kind": "CLIENT", "name": "A bakery"}

    async with api.unchanged():
        for _ in range(9):
            refused = await ada.mutate("openAccount", kind="FREELANCER", name="Ada")
            assert refused["__typename"] == "InvalidInput"
    await ada.mutate("openAccount", **good, idempotencyKey="one")
    for _ in range(9):
        assert (await ada.mutate("openAccount", **good, idempotencyKey="one"))["replayed"]
    answers = [(await ada.mutate("openAccount", **good))["__typename"] for _ in range(3)]

    assert answers == ["OpenAccountSuccess", "OpenAccountSuccess", "LimitExceeded"]


async def test_a_person_with_all_their_accounts_is_told_so_first(api: Api) -> None:
    counting = Api.of(api.services, newcomers=Rate(20, 1))
    ada = counting.somebody("Ada")
    for _ in range(20):
        await ada.mutate("openAccount", kind="CLIENT", name="Ada's")

    async with counting.unchanged():
        refused = await ada.mutate("openAccount", kind="CLIENT", name="Ada's")

    assert (refused["limit"], refused["resetsAt"], refused["retryable"]) == (20, None, False)
