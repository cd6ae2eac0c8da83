"""Money in minor units of an ISO 4217 currency, and its formatting."""

from decimal import Decimal
from typing import NamedTuple

from babel.numbers import format_currency, get_currency_precision


class Money(NamedTuple):
    amount_minor: int
    currency: str

    @property
    def formatted(self) -> str:
        """Formatted for the United States: 150 USD is "$1.50"."""
        digits = get_currency_precision(self.currency)
        return format_currency(
            Decimal(self.amount_minor).scaleb(-digits), self.currency, locale="en_US"
        )


def money_or_none(amount_minor: int | None, currency: str | None) -> Money | None:
    """Builds Money from two columns that are either both set or both null."""
    if amount_minor is None or currency is None:
        return None
    return Money(amount_minor, currency)
