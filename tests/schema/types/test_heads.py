"""Heads of wallets over the API, and proofs that anybody can check with the script in docs/."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.checkpoints.keys import CheckpointKey
from models.checkpoints.making import make_checkpoint
from models.rules.proof.checkpoints import CHUNK
from tests.clocks import ManualClock
from tests.models.checkpoints.checkpointing import KEY, many_opened
from tests.schema.callers import Api, Json, Member
from tests.schema.types.test_one_moment import spent_from

SCRIPT = Path(__file__).parents[3] / "docs" / "check_inclusion.py"
LONGEST_SCRIPT = 60
CHECKPOINT = "at size root previous signature sequence hash proof"
HEAD = f"id head {{ sequence hash checkpoint {{ {CHECKPOINT} }} }}"
READS = 40


def checked(answer: Any, key: str = KEY.public.hex()) -> "subprocess.CompletedProcess[str]":
    """What the script says of an answer."""
    return subprocess.run(
        [sys.executable, str(SCRIPT), key],
        input=json.dumps(answer),
        capture_output=True,
        text=True,
        check=False,
    )


def is_proved(answer: Any, key: str = KEY.public.hex()) -> bool:
    said = checked(answer, key)
    assert "Traceback" not in said.stderr
    assert said.stdout.startswith("Proved: ") == (said.returncode == 0)
    assert said.stderr.startswith("Not proved: ") == (said.returncode == 1)
    return said.returncode == 0


async def newest(clara: Member) -> Json:
    """Clara's newest entry and her head."""
    wallet: Json = await clara.wallet(f"{HEAD} entries(first: 1) {{ nodes {{ sequence }} }}")
    return wallet


async def test_without_a_checkpoint_a_head_stands_alone(api: Api) -> None:
    clara = await api.client()
    await clara.buy(10)

    wallet = await newest(clara)

    assert wallet["head"]["sequence"] == wallet["entries"]["nodes"][0]["sequence"] == 2
    assert len(wallet["head"]["hash"]) == 64
    assert wallet["head"]["checkpoint"] is None
    assert checked(wallet).stderr == (
        f"Not proved: wallet {wallet['id']}: No checkpoint covers the wallet yet.\n"
    )


@pytest.mark.parametrize("others", [0, 1, 2 * CHUNK])
async def test_a_proof_is_checked_by_the_script(api: Api, clock: ManualClock, others: int) -> None:
    clara = await api.client()
    await many_opened(api.services.ledger, others)
    await make_checkpoint(api.services.database, clock, KEY)

    wallet = await newest(clara)

    checkpoint = wallet["head"]["checkpoint"]
    assert (checkpoint["at"], checkpoint["size"]) == ("2026-11-22T09:30:00.000000Z", others + 1)
    assert checkpoint["sequence"] == wallet["head"]["sequence"]
    assert checkpoint["hash"] == wallet["head"]["hash"]
    assert checked({"data": {"viewer": {"accounts": [{"wallet": wallet}]}}}).stdout == (
        f"Proved: entry 1 was the newest one of wallet {wallet['id']} "
        "on 2026-11-22T09:30:00.000000Z.\n"
    )


async def test_every_wallet_of_an_answer_is_checked(api: Api, clock: ManualClock) -> None:
    clara, farid = await api.client(), await api.freelancer()
    await make_checkpoint(api.services.database, clock, KEY)
    wallets = [await newest(clara), await newest(farid)]
    changed = copy.deepcopy(wallets)
    changed[1]["head"]["checkpoint"]["hash"] = "0" * 64

    proved, refused = checked({"wallets": wallets}), checked({"wallets": changed})

    assert [wallet["id"] in proved.stdout for wallet in wallets] == [True, True]
    assert (proved.returncode, refused.returncode) == (0, 1)
    assert f"Not proved: wallet {wallets[1]['id']}: " in refused.stderr
    assert checked({"wallets": []}).returncode == 1


async def test_a_wallet_that_went_on_is_proved_where_it_was(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await make_checkpoint(api.services.database, clock, KEY)
    await clara.new_job()

    wallet = await newest(clara)

    assert (wallet["head"]["sequence"], wallet["head"]["checkpoint"]["sequence"]) == (2, 1)
    assert is_proved(wallet)


async def test_whatever_is_changed_proves_nothing(
    api: Api, clock: ManualClock, subtests: pytest.Subtests
) -> None:
    clara, agnes = await api.client(), await api.agency()
    await make_checkpoint(api.services.database, clock, KEY)
    wallet = await newest(clara)
    other_id = (await agnes.wallet("id"))["id"]
    checkpoint = wallet["head"]["checkpoint"]
    (step,) = checkpoint["proof"]
    side = {"L": "R", "R": "L"}[step[0]]
    changes: dict[str, Json] = {
        "at": {"at": "2026-11-22T09:30:00.000001Z"},
        "size": {"size": 3},
        "root": {"root": "00" * 32},
        "previous": {"previous": "11" * 32},
        "signature": {"signature": "00" * 64},
        "short signature": {"signature": "00"},
        "signature no hexadecimal": {"signature": "x"},
        "sequence": {"sequence": 2},
        "hash": {"hash": "00" * 32},
        "no proof": {"proof": []},
        "other side": {"proof": [side + step[1:]]},
        "other step": {"proof": [step[:2] + "00" * 32]},
        "more steps": {"proof": [step, step]},
        "wrong step": {"proof": ["x"]},
    }
    assert is_proved(wallet)

    for name, change in changes.items():
        with subtests.test(name):
            head = {**wallet["head"], "checkpoint": {**checkpoint, **change}}
            assert not is_proved({**wallet, "head": head})
    others: dict[str, Any] = {
        "another wallet": {**wallet, "id": other_id},
        "another head": {**wallet, "head": {**wallet["head"], "hash": "00" * 32}},
        "an earlier head": {**wallet, "head": {**wallet["head"], "sequence": 0}},
        "no wallet": {"id": wallet["id"]},
        "nothing": None,
        "errors": {"errors": []},
    }
    for name, changed in others.items():
        with subtests.test(name):
            assert not is_proved(changed)
    for name, key in {"another key": CheckpointKey(bytes(32)).public.hex(), "no key": "x"}.items():
        with subtests.test(name):
            assert not is_proved(wallet, key)


def test_the_script_is_short_and_needs_only_python_and_one_package() -> None:
    text = SCRIPT.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= LONGEST_SCRIPT
    imported = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    of_others = [line for line in imported if line.split()[1].split(".")[0] == "cryptography"]
    assert len(imported) - len(of_others) == 4


async def test_a_head_is_of_the_moment_of_the_wallet(api: Api, clock: ManualClock) -> None:
    clara = await api.client()
    await clara.buy(80)
    seen = set()

    async with spent_from(api, clara):
        for _ in range(READS):
            clock.advance(1)
            await make_checkpoint(api.services.database, clock, KEY)

            wallet = await newest(clara)

            head = wallet["head"]
            assert head["sequence"] == wallet["entries"]["nodes"][0]["sequence"]
            assert head["checkpoint"]["sequence"] <= head["sequence"]
            seen.add(head["sequence"])

    assert len(seen) > 1
    assert is_proved(wallet)


async def test_nobody_else_sees_a_head(api: Api, clock: ManualClock) -> None:
    clara, agnes = await api.client(), await api.agency()
    await make_checkpoint(api.services.database, clock, KEY)
    wallet_id = (await clara.wallet("id"))["id"]
    selection = f"... on Wallet {{ {HEAD} }}"

    assert await agnes.node(wallet_id, selection) is None
    assert await clara.node(wallet_id, selection) is not None


async def test_a_checkpoint_costs_more_than_what_it_gives(api: Api) -> None:
    clara = await api.client()
    selections = ("head { sequence }", "head { sequence checkpoint { at } }")

    answers = [
        (await clara.send(f"{{ viewer {{ accounts {{ wallet {{ {each} }} }} }} }}")).json()
        for each in selections
    ]

    costs = [answer["extensions"]["cost"]["requestedQueryCost"] for answer in answers]
    assert costs[1] - costs[0] > 10
