"""Checks of what people send, all wrong fields of one input reported together."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from models.money import CURRENCIES
from models.rules.countries import COUNTRIES
from models.rules.refusals import InvalidField, InvalidInput, InvalidReason

KEY_LENGTH: Final = 255
NAME_LENGTH: Final = 200
TITLE_LENGTH: Final = 200
TEXT_LENGTH: Final = 20_000
MESSAGE_LENGTH: Final = 5_000
SKILLS: Final = 50
SKILL_LENGTH: Final = 50
COUNTRIES_ASKED: Final = 250
"""More than there are."""
WRONG_FIELDS: Final = 10
"""How many wrong fields of one input are reported."""
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ().-]{2,38}")


class Checks:
    """Collects the first WRONG_FIELDS wrong fields; `done` raises them as one InvalidInput."""

    def __init__(self) -> None:
        self._wrong: list[InvalidField] = []

    def wrong(
        self,
        path: str,
        message: str,
        reason: InvalidReason = InvalidReason.UNSPECIFIED,
        limit: int | None = None,
    ) -> None:
        """`limit` is the number that the value passed, where it passed one."""
        if len(self._wrong) < WRONG_FIELDS:
            self._wrong.append(InvalidField(tuple(path.split(".")), message, reason, limit))

    def done(self) -> None:
        if self._wrong:
            raise InvalidInput.of(self._wrong)

    def text(self, path: str, value: str | None, most: int, least: int = 0) -> None:
        """`value` has `least` to `most` characters that both databases can hold."""
        if value is None:
            return
        if len(value) > most:
            message = f"may have at most {most} characters, not {len(value)}"
            self.wrong(path, message, InvalidReason.TOO_LONG, most)
        elif least and len(_visible(value)) < least:
            message = "must not be empty" if least == 1 else f"needs {least} characters"
            self.wrong(path, message, InvalidReason.REQUIRED)
        elif "\x00" in value:
            self.wrong(path, "may not contain a NUL character", InvalidReason.INVALID_CHARACTER)
        elif not _is_unicode(value):
            message = "contains half of a surrogate pair, which is not a character"
            self.wrong(path, message, InvalidReason.INVALID_CHARACTER)

    def key(self, value: str) -> None:
        self.text("idempotencyKey", value, KEY_LENGTH, least=1)

    def most(self, path: str, values: Sequence[object], most: int) -> None:
        if len(values) > most:
            message = f"may be at most {most}, not {len(values)}"
            self.wrong(path, message, InvalidReason.TOO_MANY, most)

    def skills(self, path: str, skills: Sequence[str]) -> None:
        if len(skills) > SKILLS:
            message = f"may have at most {SKILLS} skills, not {len(skills)}"
            self.wrong(path, message, InvalidReason.TOO_MANY, SKILLS)
            return
        for number, skill in enumerate(skills):
            self.text(f"{path}.{number}", skill, SKILL_LENGTH, least=1)

    def money(self, path: str, amount_minor: int, currency: str) -> None:
        if amount_minor <= 0:
            self.wrong(f"{path}.amountMinor", "must be more than 0", InvalidReason.TOO_SMALL, 1)
        self.currency(f"{path}.currency", currency)

    def currency(self, path: str, code: str) -> None:
        if code not in CURRENCIES:
            message = "must be the ISO 4217 code of a currency in use, such as USD"
            self.wrong(path, message, InvalidReason.NOT_A_CURRENCY)

    def countries(self, path: str, codes: Sequence[str]) -> None:
        self.most(path, codes, COUNTRIES_ASKED)
        for number, code in enumerate(codes[:COUNTRIES_ASKED]):
            if code not in COUNTRIES:
                self.country(f"{path}.{number}", code)
                if len(self._wrong) == WRONG_FIELDS:
                    return

    def country(self, path: str, code: str | None) -> None:
        if code is not None and code not in COUNTRIES:
            message = "must be an ISO 3166-1 alpha-2 code, such as DE"
            self.wrong(path, message, InvalidReason.NOT_A_COUNTRY)

    def email(self, path: str, value: str | None) -> None:
        if value is not None and not _EMAIL.fullmatch(value):
            self.wrong(path, "must be an e-mail address", InvalidReason.NOT_AN_EMAIL)
        self.text(path, value, 254)

    def phone(self, path: str, value: str | None) -> None:
        if value is not None and not _PHONE.fullmatch(value):
            message = "must be a telephone number, such as +49 30 1234567"
            self.wrong(path, message, InvalidReason.NOT_A_PHONE)

    def within(self, path: str, value: int, least: int, most: int) -> None:
        if not least <= value <= most:
            self.wrong(path, f"must be {least} to {most}, not {value}", *passed(value, least, most))

    def order(self, first_path: str, first: int, last_path: str, last: int) -> None:
        """A range does not end before it begins; it may be empty."""
        if last < first:
            message = f"must not be before {first_path.rpartition('.')[2]}"
            self.wrong(last_path, message, InvalidReason.WRONG_ORDER)


def passed(value: float, least: int, most: int) -> tuple[InvalidReason, int]:
    """Which limit a number passed that is not `least` to `most`."""
    if value < least:
        return InvalidReason.TOO_SMALL, least
    return InvalidReason.TOO_LARGE, most


def _is_unicode(text: str) -> bool:
    """Whether no character is half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _visible(text: str) -> str:
    """`text` without what nobody sees at its ends: spaces, and signs of no width."""
    return "" if all(_is_invisible(character) for character in text) else text.strip()


def said(message: str | None) -> str | None:
    """The message as it was written. None where nothing of it is visible: that is no message."""
    return message if message and _visible(message) else None


def shortened(text: str, most: int) -> str:
    """The visible part of `text`, cut to `most` characters; it is not empty unless all of it is."""
    first = next((n for n, one in enumerate(text) if not _is_invisible(one)), len(text))
    return text[first : first + most].rstrip()


def _is_invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) == "Cf"
