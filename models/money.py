"""Money in minor units of an ISO 4217 currency, and its formatting."""

from decimal import Decimal
from typing import Final, NamedTuple, NewType

from babel.numbers import format_currency, get_currency_precision
from iso4217 import Currency, raw_xml

MinorUnits = NewType("MinorUnits", int)
"""Marks what the API gives as an amount of money; elsewhere it is a plain int."""

LARGEST_AMOUNT: Final = 2**53 - 1
"""In minor units: the largest integer that every JSON parser reads exactly."""
DIGITS: Final = {
    currency.code: currency.exponent for currency in Currency if currency.exponent is not None
}
"""How many decimals each code has, by ISO 4217: those in use now, which have minor units.

Not the codes of metals, of tests and of no currency.
"""
_MARKED_AS_FUNDS: Final = {
    entry.findtext("Ccy") for entry in raw_xml.iterfind(".//CcyNm[@IsFund='true']/..")
}
_UNITS_OF_ACCOUNT: Final = {
    "UYW": "Unidad Previsional, by which Uruguay indexes pensions (law 19.608)",
    "XAD": "Arab Accounting Dinar, in which the Arab Monetary Fund keeps its books",
}
"""Those that ISO 4217 lists among the currencies without its mark of funds."""
CURRENCIES: Final = DIGITS.keys() - _MARKED_AS_FUNDS - _UNITS_OF_ACCOUNT.keys()
"""The currencies that money can be paid in: no funds, and no units of account."""


class Money(NamedTuple):
    amount_minor: int
    currency: str

    @property
    def formatted(self) -> str:
        """As people in the United States write it: 150 USD is "$1.50"."""
        digits = DIGITS.get(self.currency)
        if digits is None:
            # It was a currency when the row was written.
            digits = get_currency_precision(self.currency)
        decimals = f".{'0' * digits}" if digits else ""
        return format_currency(
            Decimal(self.amount_minor).scaleb(-digits),
            self.currency,
            format=f"¤#,##0{decimals}",
            locale="en_US",
            currency_digits=False,
        )


def money_or_none(amount_minor: int | None, currency: str | None) -> Money | None:
    """Builds Money from two columns that are either both set or both null."""
    if amount_minor is None or currency is None:
        return None
    return Money(amount_minor, currency)
