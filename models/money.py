"""Money: minor units of an ISO 4217 currency, and how it is written."""

from decimal import Decimal
from typing import NamedTuple

from babel.numbers import format_currency, get_currency_precision


class Money(NamedTuple):
    amount_minor: int
    currency: str

    @property
    def formatted(self) -> str:
        """As people in the United States write it: 150 USD is "$1.50"."""
        digits = get_currency_precision(self.currency)
        return format_currency(
            Decimal(self.amount_minor).scaleb(-digits), self.currency, locale="en_US"
        )


def money_or_none(amount_minor: int | None, currency: str | None) -> Money | None:
    """The money of two columns that are both there or both null."""
    if amount_minor is None or currency is None:
        return None
    return Money(amount_minor, currency)
