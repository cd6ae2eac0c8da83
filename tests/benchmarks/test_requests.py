"""What the load sends: whole requests, and never one twice."""

from itertools import islice
from uuid import UUID

from benchmarks import ours
from benchmarks.load import Requests
from benchmarks.plans import Plan, run_name
from benchmarks.wallets import Owner, Seeded
from benchmarks.works import SPENDS, Form, Work

SECRET = "s" * 32
OWNERS = [
    Owner(f"client-{number}", UUID(int=number), [UUID(int=100 + number)]) for number in range(3)
]
SEEDED = Seeded(OWNERS[:2], OWNERS[2], [UUID(int=number) for number in range(200, 205)], [])
FORMS = ours.forms(SEEDED, SECRET)


def sent(form: Form, first: int, number: int) -> list[bytes]:
    requests = Requests(Plan(1, 1, run_name("spend"), first, *form))
    return list(islice(iter(requests.next, None), number))


def test_bodies_are_as_long_as_their_heads_say() -> None:
    for work in Work:
        for request in sent(FORMS[work], 0, 10):
            head, _, body = request.partition(b"\r\n\r\n")
            assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n")


def test_no_spend_is_sent_twice() -> None:
    for work in SPENDS:
        form = FORMS[work]
        pairs = len(form.templates) * len(form.picks)
        wanted = min(pairs, 2000)
        rounds = [*sent(form, 0, wanted // 2), *sent(form, wanted // 2, wanted // 2)]
        for part in (0, 2):
            assert len({request.partition(b"idempotencyKey")[part] for request in rounds}) == len(
                rounds
            )
