"""Tokens: JSON Web Tokens (RFC 7519), signed with HS256 and one shared secret."""

from typing import Any, Final, NamedTuple

import jwt

from models.rules.instants import FOREVER, SECOND
from models.rules.refusals import InvalidInput
from resolvers.inputs import NAME_LENGTH, Checks, shortened

ALGORITHM: Final = "HS256"
SECRET_BYTES: Final = 32
TOKEN_LENGTH: Final = 4096
SUBJECT_LENGTH: Final = 255
EMAIL_LENGTH: Final = 254
LAST_SECOND: Final = FOREVER // SECOND


class TokenRules(NamedTuple):
    """What a token must be to be accepted.

    `secret` signs it. `issuer` must be its `iss`, and `audience` its `aud` or one of them. Without
    an `issuer` any `iss` will do; without an `audience` a token that has an `aud` is refused,
    because it is for another service.
    """

    secret: str
    issuer: str = ""
    audience: str = ""


class Claims(NamedTuple):
    """Who a token speaks for, and until which instant. `issuer` is empty where it names none."""

    subject: str
    name: str
    email: str | None
    expires_at: int
    issuer: str = ""


class BadTokenError(Exception):
    """The token cannot be accepted; the message says why, without saying what would be."""


def issue_token(secret: str, subject: str, expires_at: int, **claims: str) -> str:
    """A token for `subject` that is good until the instant `expires_at`."""
    payload = {"sub": subject, "exp": expires_at // SECOND, **claims}
    return jwt.encode(payload, secret, algorithm=ALGORITHM)


def read_token(rules: TokenRules, token: str, now: int) -> Claims:
    """The claims of `token`. Raises BadTokenError where it is not good at the instant `now`."""
    if len(token) > TOKEN_LENGTH:
        raise BadTokenError("The token is too long.")
    try:
        payload: dict[str, Any] = jwt.decode(
            token,
            rules.secret,
            algorithms=[ALGORITHM],
            options={
                "require": ["sub", "exp"],
                # Compared below, with the clock that everything else is told the time by.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
                # Compared below, in words that say which claim is wrong.
                "verify_aud": False,
                "verify_iss": False,
            },
        )
    except jwt.MissingRequiredClaimError as error:
        raise BadTokenError(f"The token lacks the claim {error.claim}.") from error
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise BadTokenError("The token is malformed or its signature is wrong.") from error
    _check_time(payload, now)
    _check_audience(payload.get("aud"), rules.audience)
    return _claims(payload, _issuer(payload.get("iss"), rules.issuer))


def _check_time(payload: dict[str, Any], now: int) -> None:
    expires, not_before = payload["exp"], payload.get("nbf", 0)
    for claim, value in (("exp", expires), ("nbf", not_before)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadTokenError(f"The token's {claim} is not a number.")
        if not 0 <= value <= LAST_SECOND:
            raise BadTokenError(f"The token's {claim} is out of range.")
    if not expires * SECOND > now:
        raise BadTokenError("The token has expired.")
    if not not_before * SECOND <= now:
        raise BadTokenError("The token is not good yet.")


def _check_audience(claimed: object, wanted: str) -> None:
    if claimed is None:
        if wanted:
            raise BadTokenError("The token lacks the claim aud.")
        return
    audiences = claimed if isinstance(claimed, list) else [claimed]
    if not all(isinstance(audience, str) for audience in audiences):
        raise BadTokenError("The token's aud is neither text nor a list of texts.")
    if not wanted or wanted not in audiences:
        raise BadTokenError("The token's aud does not name this service.")


def _issuer(claimed: object, wanted: str) -> str:
    """The token's issuer, which is the `wanted` one if there is such."""
    if claimed is None:
        if wanted:
            raise BadTokenError("The token lacks the claim iss.")
        return ""
    if not isinstance(claimed, str):
        raise BadTokenError("The token's iss is not text.")
    if wanted and claimed != wanted:
        raise BadTokenError("The token's iss is not an issuer that this service trusts.")
    return claimed


def _claims(payload: dict[str, Any], issuer: str) -> Claims:
    subject, name, email = payload["sub"], payload.get("name"), payload.get("email")
    checks = Checks()
    for path, value, most in (
        ("sub", subject, SUBJECT_LENGTH),
        ("name", name, NAME_LENGTH),
        ("email", email, EMAIL_LENGTH),
    ):
        if value is not None and not isinstance(value, str):
            raise BadTokenError(f"The token's {path} is not text.")
        checks.text(path, value, most, least=1)
    try:
        checks.done()
    except InvalidInput as refusal:
        raise BadTokenError(f"The token is not usable: {refusal}.") from refusal
    shown = shortened(subject, NAME_LENGTH) if name is None else name
    return Claims(subject, shown, email, int(payload["exp"] * SECOND), issuer)
