"""Money is written as people write it, with as many decimals as the currency has."""

import pytest

from models.money import Money, money_or_none


@pytest.mark.parametrize(
    ("amount_minor", "currency", "formatted"),
    [
        (150, "USD", "$1.50"),
        (1, "USD", "$0.01"),
        (0, "USD", "$0.00"),
        (123_456_789, "USD", "$1,234,567.89"),
        (2**31 - 1, "USD", "$21,474,836.47"),
        (2**53 + 1, "USD", "$90,071,992,547,409.93"),
        (75_050, "EUR", "€750.50"),
        (500, "JPY", "¥500"),
        (1_500, "KWD", "KWD1.500"),
    ],
)
def test_money_is_written_in_its_currency(amount_minor: int, currency: str, formatted: str) -> None:
    assert Money(amount_minor, currency).formatted == formatted


def test_money_that_is_not_there_is_none() -> None:
    assert money_or_none(None, None) is None
    assert money_or_none(1, "USD") == (1, "USD")
