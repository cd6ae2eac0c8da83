"""The peers of the benchmark do what this server does, and refuse what it refuses."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from benchmarks import databases, ours
from benchmarks.contestants import CONTESTANTS, Contestant, Field, Served
from benchmarks.load import Requests
from benchmarks.works import Work

pytestmark = pytest.mark.slow

SERVED = [contestant for contestant in CONTESTANTS if contestant.name != "pgbench"]


class Asking:
    """Asks a contestant for changed forms of what it is measured on."""

    def __init__(self, contender: Served) -> None:
        self.contender = contender

    def spend(self, token: str | None = None, **changed: Any) -> tuple[int, Any]:
        """The status and the answer to a spend that names one key and one freelancer."""
        request = Requests(self.contender.plan(Work.SPEND, 1)).next()
        body = json.loads(_body(request))
        body["variables"]["input"] |= changed
        return self.post(_token(request) if token is None else token, json.dumps(body))

    def balances(self) -> list[tuple[str, str]]:
        """The tokens and bodies of the balances of all wallets."""
        requests = Requests(self.contender.plan(Work.BALANCE, 1))
        sent = [requests.next() for _ in self.contender.forms[Work.BALANCE].templates]
        return [(_token(request), _body(request)) for request in sent]

    def post(self, token: str, body: str) -> tuple[int, Any]:
        """The status and the answer."""
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        }
        connection = HTTPConnection("127.0.0.1", self.contender.server.port)
        try:
            connection.request("POST", "/graphql", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else text
        finally:
            connection.close()


def _body(request: bytes) -> str:
    return request.decode().partition("\r\n\r\n")[2]


def _token(request: bytes) -> str:
    return request.decode().partition("Bearer ")[2].partition("\r\n")[0]


@pytest.fixture(scope="module", params=SERVED, ids=lambda contestant: contestant.name)
def contender(request: pytest.FixtureRequest) -> Iterator[Served]:
    contestant: Contestant = request.param
    if missing := contestant.missing():
        pytest.skip(missing)
    with (
        databases.postgres_server() as server,
        contestant.start(Field(server, wallets=4, entries=30)) as ready,
    ):
        assert isinstance(ready, Served)
        yield ready


@pytest.fixture
def asking(contender: Served) -> Asking:
    """With spends that nobody has asked for, and a ledger whose spends so far are forgotten."""
    turn = len(contender.forms[Work.SPEND].templates)
    contender.made[Work.SPEND] = contender.made.get(Work.SPEND, 0) + turn
    contender.before = ours.spends_in(contender.url)
    return Asking(contender)


def test_a_spend_is_drawn_from_several_lots(asking: Asking) -> None:
    status, answer = asking.spend(connects=50)

    spent = answer["data"]["inviteFreelancer"]
    assert status == 200
    assert spent["invitation"]["status"] == "PENDING"
    assert spent["invitation"]["connects"] == 50
    assert spent["entry"]["connects"] == -50
    assert spent["wallet"]["available"] == spent["entry"]["availableAfter"]
    assert asking.contender.problems(answered=1) == []


def test_wrong_input_is_refused(asking: Asking) -> None:
    for changed in ({"connects": 0}, {"connects": 51}, {"message": "x" * 5001}):
        _refused(asking.spend(**changed))
    _refused(asking.spend(idempotencyKey=""))
    assert asking.contender.problems(answered=0) == []


def test_a_key_names_one_request_and_a_freelancer_is_invited_once(asking: Asking) -> None:
    asking.spend()
    _refused(asking.spend(connects=2))
    _refused(asking.spend(idempotencyKey="another"))
    assert asking.contender.problems(answered=1) == []


def test_wallets_are_shown_and_spent_from_by_their_owners_alone(asking: Asking) -> None:
    balances = asking.balances()
    token, body = balances[0]
    stranger = next(other for other, _ in balances if other != token)
    assert asking.post(token, body)[1]["data"]["node"]["available"] > 0
    assert asking.post(stranger, body)[1]["data"]["node"] is None
    _refused(asking.spend(token=stranger))

    status, answer = asking.spend(token=f"{token[:-4]}AAAA")
    assert status == 401 or "errors" in answer
    assert asking.contender.problems(answered=0) == []


def _refused(answered: tuple[int, Any]) -> None:
    """As an error, or as this server does, as an answer of its own."""
    _, answer = answered
    if "errors" not in answer:
        name = answer["data"]["inviteFreelancer"]["__typename"]
        assert name not in ("InviteFreelancerSuccess", "InsufficientConnects")
