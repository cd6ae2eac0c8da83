"""One process with a ledger of its own, that posts many commands at once when it is told to.

Its arguments: the database's URL, the clock, what to post, how many times, the idempotency key
(empty: one for each), and the account's kind, id and user. It answers, for each command, with
what it was about and whether it was a replay, or with the refusal's code.
"""

from unittest.mock import patch
from uuid import UUID

from models.ledger.commands import Command, Posted
from models.ledger.ledger import Ledger
from models.rules.kinds import AccountKind
from models.rules.refusals import Refusal
from models.store.database import open_database
from tests.clocks import ManualClock
from tests.models.builders import Holder, opening, post_together, spending
from tests.processes import Go, run


def arguments_for(url: str, at: int, what: str, times: int, key: str, holder: Holder) -> list[str]:
    about = (holder.kind, str(holder.account_id), str(holder.user_id))
    return [url, str(at), what, str(times), key, *about]


async def work(go: Go, arguments: list[str]) -> list[list[str]]:
    url, at, what, times, key, kind, account_id, user_id = arguments
    holder = Holder(AccountKind(kind), UUID(account_id), UUID(user_id))
    database = await open_database(url)
    ledger = Ledger(database, ManualClock(int(at)))
    ledger.start()

    def command() -> Command:
        return opening(holder, key) if what == "open" else spending(holder, 1, key or None)

    await go()
    # Small batches, so that those of the processes come between each other.
    with patch("models.ledger.ledger.BATCH_LIMIT", 5):
        answers = await post_together(ledger, [command() for _ in range(int(times))])
        await ledger.close()
    await database.close()
    return [_described(answer) for answer in answers]


def _described(answer: Posted | BaseException) -> list[str]:
    if isinstance(answer, Posted):
        return [str(answer.subject_id), "again" if answer.replayed else "first"]
    return [answer.code if isinstance(answer, Refusal) else repr(answer)]


if __name__ == "__main__":
    run(work)
