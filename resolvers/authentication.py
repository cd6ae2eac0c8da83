"""Tokens: JSON Web Tokens (RFC 7519), signed with HS256 and one shared secret."""

from typing import Any, Final, NamedTuple

import jwt

from models.rules.instants import FOREVER, SECOND
from models.rules.refusals import InvalidInput
from resolvers.inputs import NAME_LENGTH, Checks

ALGORITHM: Final = "HS256"
SECRET_BYTES: Final = 32
TOKEN_LENGTH: Final = 4096
SUBJECT_LENGTH: Final = 255
LAST_SECOND: Final = FOREVER // SECOND


class Claims(NamedTuple):
    """Who a token speaks for, and until which instant."""

    subject: str
    name: str
    email: str | None
    expires_at: int


class Unauthenticated(Exception):
    """The token cannot be accepted; the message says why, without saying what would be."""


def issue_token(secret: str, subject: str, expires_at: int, **claims: str) -> str:
    """A token for `subject` that is good until the instant `expires_at`."""
    payload = {"sub": subject, "exp": expires_at // SECOND, **claims}
    return jwt.encode(payload, secret, algorithm=ALGORITHM)


def read_token(secret: str, token: str, now: int) -> Claims:
    """The claims of `token`. Raises Unauthenticated where it is not good at the instant `now`."""
    if len(token) > TOKEN_LENGTH:
        raise Unauthenticated("The token is too long.")
    try:
        payload: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=[ALGORITHM],
            options={
                "require": ["sub", "exp"],
                # Compared below, with the clock that everything else is told the time by.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                "verify_aud": False,
            },
        )
    except jwt.MissingRequiredClaimError as error:
        raise Unauthenticated(f"The token lacks the claim {error.claim}.") from error
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise Unauthenticated("The token is malformed or its signature is wrong.") from error
    return _claims(payload, now)


def _claims(payload: dict[str, Any], now: int) -> Claims:
    subject, expires = payload["sub"], payload["exp"]
    not_before = payload.get("nbf", 0)
    for claim, value in (("exp", expires), ("nbf", not_before)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unauthenticated(f"The token's {claim} is not a number.")
        if not 0 <= value <= LAST_SECOND:
            raise Unauthenticated(f"The token's {claim} is out of range.")
    if not expires * SECOND > now:
        raise Unauthenticated("The token has expired.")
    if not not_before * SECOND <= now:
        raise Unauthenticated("The token is not good yet.")
    name, email = payload.get("name", subject), payload.get("email")
    checks = Checks()
    for path, value, most in (
        ("sub", subject, SUBJECT_LENGTH),
        ("name", name, NAME_LENGTH),
        ("email", email, 254),
    ):
        if value is not None and not isinstance(value, str):
            raise Unauthenticated(f"The token's {path} is not text.")
        checks.text(path, value, most, least=1)
    try:
        checks.done()
    except InvalidInput as refusal:
        raise Unauthenticated(f"The token is not usable: {refusal}.") from refusal
    return Claims(subject, name or subject, email, int(expires * SECOND))
