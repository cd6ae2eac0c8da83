"""The face that a payment company shows to this service, and the sandbox that stands in for one."""

from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from models.rules.refusals import InvalidInput, InvalidReason

PAYMENT_SECONDS = 10


class PaymentResult(StrEnum):
    PAID = "PAID"
    DECLINED = "DECLINED"
    PENDING = "PENDING"


class Payment(NamedTuple):
    """Asks for `total_minor` minor units of `currency` for one purchase, by `method`."""

    purchase_id: UUID
    total_minor: int
    currency: str
    method: str


class PaymentProvider(Protocol):
    """A payment company. Its calls are repeated after a fault, always with the same purchase."""

    def check_method(self, method: str | None) -> str:
        """The method to use, the default for None. Raises InvalidInput for an unknown one."""

    async def charge(self, payment: Payment) -> PaymentResult:
        """Charges once for each purchase, however often it is called, and says how it stands."""


SANDBOX_METHODS: Final = {
    "sandbox:ok": PaymentResult.PAID,
    "sandbox:declined": PaymentResult.DECLINED,
    "sandbox:pending": PaymentResult.PENDING,
}


class SandboxPayments:
    """Takes no money. The method decides: paid at once, declined, or pending until settled."""

    def check_method(self, method: str | None) -> str:
        if method is None:
            return "sandbox:ok"
        if method not in SANDBOX_METHODS:
            message = f"must be one of {', '.join(SANDBOX_METHODS)}"
            raise InvalidInput.at("paymentMethod", message, InvalidReason.NOT_A_PAYMENT_METHOD)
        return method

    async def charge(self, payment: Payment) -> PaymentResult:
        return SANDBOX_METHODS[payment.method]
