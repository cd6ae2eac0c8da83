"""The contestant's refusals."""


class RefusedError(Exception):
    """The call is refused; the message says why."""


class InsufficientFundsError(Exception):
    """The wallet has fewer Connects than the spend needs."""

    def __init__(self, required: int, available: int) -> None:
        super().__init__()
        self.required = required
        self.available = available


def check(holds: object, message: str) -> None:
    if not holds:
        raise RefusedError(message)
