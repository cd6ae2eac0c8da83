from models.commands import Command, Decision
from models.ledger import Ledger


async def test_an_empty_command_is_answered(ledger: Ledger) -> None:
    posted = await ledger.post(Command(decide=lambda facts: Decision()))
    assert not posted.replayed
