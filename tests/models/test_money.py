"""Money is written as people write it, with as many decimals as the currency has."""

import pytest

from models.money import CURRENCIES, DIGITS, Money, money_or_none


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
        (150_000, "RSD", "RSD1,500.00"),
        (150_000, "IDR", "IDR1,500.00"),
        (150_000, "HUF", "HUF1,500.00"),
        (150_000, "KRW", "₩150,000"),
        (150_000, "CLF", "CLF15.0000"),
        (2**53 - 1, "IDR", "IDR90,071,992,547,409.91"),
        (150, "DEM", "DEM1.50"),
    ],
)
def test_money_is_written_in_its_currency(amount_minor: int, currency: str, formatted: str) -> None:
    assert Money(amount_minor, currency).formatted == formatted


def test_the_decimals_are_those_of_iso_4217() -> None:
    assert {DIGITS[code] for code in ("USD", "EUR", "RSD", "IDR", "HUF", "ALL", "LBP")} == {2}
    assert {DIGITS[code] for code in ("JPY", "KRW", "VND", "CLP", "ISK", "UGX")} == {0}
    assert {DIGITS[code] for code in ("KWD", "BHD", "TND", "IQD")} == {3}


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XAG", "XDR", "DEM", "FRF", "HRK", "BGN"])
def test_what_is_no_currency_in_use_is_none(code: str) -> None:
    assert code not in DIGITS
    assert code not in CURRENCIES


@pytest.mark.parametrize(
    "code", ["BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XAD"]
)
def test_funds_and_units_of_account_are_no_currencies(code: str) -> None:
    assert code not in CURRENCIES
    assert code in DIGITS, "amounts that were stored in it earlier are still written"


def test_currencies_in_use_are_taken() -> None:
    assert {"USD", "EUR", "CHF", "CLP", "COP", "MXN", "UYU", "BOB", "XOF", "XCG"} <= CURRENCIES
    assert len(CURRENCIES) > 150


def test_money_that_is_not_there_is_none() -> None:
    assert money_or_none(None, None) is None
    assert money_or_none(1, "USD") == (1, "USD")
