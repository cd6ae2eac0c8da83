"""Tokens that are not good: whatever is wrong with them, 401 and no stack trace."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest

from models.rules.instants import FOREVER, SECOND
from resolvers.authentication import issue_token
from tests.clocks import ManualClock, instant
from tests.conftest import START
from tests.schema.callers import SECRET, Api, Caller

NOW = instant(START) // SECOND
HS256 = '{"alg": "HS256", "typ": "JWT"}'


def token_of(**claims: str) -> str:
    """A token of Ada's, but for the `claims`, each given as JSON text; empty ones are left out."""
    texts = {"sub": '"Ada"', "exp": str(NOW + 1), **claims}
    members = ", ".join(f'"{name}": {text}' for name, text in texts.items() if text)
    return signed(f"{{{members}}}")


def signed(claims: str, header: str = HS256, secret: str = SECRET) -> str:
    """A token of any two texts, signed with HMAC SHA-256."""
    text = f"{base64url(header)}.{base64url(claims)}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64url(signature)}"


def base64url(value: str | bytes) -> str:
    encoded = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(encoded).decode().rstrip("=")


GOOD = token_of()
HEADER, CLAIMS, SIGNATURE = GOOD.split(".")
JSON_OF_OTHER_TYPES = ("null", "true", "[]", "{}")
NOT_A_NUMBER = (*JSON_OF_OTHER_TYPES, '"tomorrow"', '"1900000000"', "NaN", "1e400", "-1e400", "-1")
NOT_A_NAME = ("1", *JSON_OF_OTHER_TYPES[1:], '"\\u0000"', '"\\ud800"', f'"{"x" * 256}"')

WRONG_CLAIMS = [
    *({"exp": text} for text in (*NOT_A_NUMBER, "", "0", "1", str(NOW - 1), str(NOW))),
    *({"exp": text} for text in ("253402300800", f"1{'0' * 400}")),
    *({"nbf": text} for text in (*NOT_A_NUMBER, str(NOW + 1), f"{NOW}.1")),
    *({"sub": text} for text in (*NOT_A_NAME, "", "null", '""', '" "')),
    *({"name": text} for text in (*NOT_A_NAME, '""', '" "', f'"{"x" * 201}"')),
    *({"email": text} for text in NOT_A_NAME),
    {"more": f'"{"x" * 5000}"'},
]
WRONG_ALGORITHMS = ('"none"', '"None"', '"HS384"', '"HS512"', '"RS256"', '""', "null", "[]", "1")
NO_JSON_OBJECTS = ("", "{}", "[]", "1", "null", '"x"', "x", "[" * 2000, "\0")
WRONG_TOKENS = [
    *(token_of(**claims) for claims in WRONG_CLAIMS),
    *(GOOD[:-1], GOOD[:-20], f"{HEADER}.{CLAIMS}.", f"{HEADER}.{CLAIMS}", f"{GOOD}.x", ".."),
    *("x", "null", "é", "=" * 100, "." * 1000, f"{HEADER}..{SIGNATURE}", f".{CLAIMS}.{SIGNATURE}"),
    *(f"{base64url(header)}.{CLAIMS}." for header in ('{"alg": "none"}', '{"alg": "HS256"}')),
    *(signed('{"sub": "Ada"}', f'{{"alg": {algorithm}}}') for algorithm in WRONG_ALGORITHMS),
    *(signed('{"sub": "Ada"}', header) for header in NO_JSON_OBJECTS),
    *(signed(claims) for claims in NO_JSON_OBJECTS),
    signed(f'{{"sub": "Ada", "exp": {NOW + 1}}}', secret="another secret, long enough for HS256"),
    "x" * 1_000_000,
]
WRONG_HEADERS = [
    *("", " ", "Bearer", "Bearer ", "Basic x", "Basic QWRhOng=", GOOD, f"Basic {GOOD}"),
    *(f"Token {GOOD}", f"Bearer{GOOD}", f"Bearer {GOOD} {GOOD}", f"Bearer {GOOD},{GOOD}"),
    *(f"Bearer {token}" for token in WRONG_TOKENS),
]


async def test_a_token_that_is_not_good_is_refused(api: Api, subtests: pytest.Subtests) -> None:
    async with api.unchanged():
        for header in WRONG_HEADERS:
            with subtests.test(header=header[:99]):
                answer = await ask_with(api, header)

                (error,) = answer.json()["errors"]
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
                assert error["extensions"] == {
                    "code": "UNAUTHENTICATED",
                    "requestId": answer.headers["x-request-id"],
                }


async def test_a_token_that_is_good_is_taken(api: Api, subtests: pytest.Subtests) -> None:
    for header in (
        f"Bearer {GOOD}",
        f"bEARER  {GOOD} ",
        "Bearer " + token_of(exp=f"{NOW}.5", nbf=f"{NOW - 1}.5"),
        "Bearer " + token_of(exp="253402300799", nbf="0"),
        "Bearer " + token_of(aud='["x"]', iat="9e9", iss='"y"', more="[[[]]]"),
        "Bearer " + token_of(name="null", email="null"),
    ):
        with subtests.test(header=header[:99]):
            answer = await ask_with(api, header)

            assert answer.json()["data"] == {"viewer": {"name": "Ada"}}


async def test_a_token_ends_to_the_microsecond(api: Api, clock: ManualClock) -> None:
    answers = []
    for left in (1, 0):
        clock.now = (NOW + 1) * SECOND - left
        answers.append((await ask_with(api, f"Bearer {GOOD}")).status_code)

    assert answers == [200, 401]


async def test_a_person_keeps_the_name_of_their_first_token(api: Api) -> None:
    for name in ("Ada", "Somebody else"):
        token = issue_token(SECRET, "the same subject", FOREVER, name=name)
        viewer = (await Caller(api.http, token).ask("{ viewer { name } }"))["viewer"]

        assert viewer == {"name": "Ada"}


async def ask_with(api: Api, authorization: str) -> httpx.Response:
    return await api.http.post(
        "/graphql",
        content=json.dumps({"query": "{ viewer { name } }"}),
        headers={b"content-type": b"application/json", b"authorization": authorization.encode()},
    )
