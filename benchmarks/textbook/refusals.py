"""Why the peer does not do what it is asked."""


class RefusedError(Exception):
    """The call is not answered; the message says why."""


class InsufficientFundsError(Exception):
    """The wallet has fewer Connects than are to be spent."""

    def __init__(self, required: int, available: int) -> None:
        super().__init__()
        self.required = required
        self.available = available


def check(holds: object, message: str) -> None:
    if not holds:
        raise RefusedError(message)
