"""Tokens that are not good: whatever is wrong with them, 401 and no stack trace."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest

from models.rules.instants import FOREVER, SECOND
from models.store.statements import both
from models.tables import User
from resolvers.people.tokens import TokenRules, issue_token
from tests.books import count
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

NOT_AN_AUDIENCE = ("5", "true", "[]", "{}", "[5]", "[null]", '[["x"]]', f"[{'1,' * 900}1]")

WRONG_CLAIMS = [
    *({"exp": text} for text in (*NOT_A_NUMBER, "", "0", "1", str(NOW - 1), str(NOW))),
    *({"exp": text} for text in ("253402300800", f"1{'0' * 400}")),
    *({"nbf": text} for text in (*NOT_A_NUMBER, str(NOW + 1), f"{NOW}.1")),
    *({"sub": text} for text in (*NOT_A_NAME, "", "null", '""', '" "')),
    *({"name": text} for text in (*NOT_A_NAME, '""', '" "', f'"{"x" * 201}"')),
    *({"email": text} for text in NOT_A_NAME),
    *({"iss": text} for text in ("5", "true", "{}", "[]", '["x"]')),
    *({"aud": text} for text in ('"x"', '""', '["x"]', '["x", "y"]', *NOT_AN_AUDIENCE)),
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
        "Bearer " + token_of(aud="null", iat="9e9", iss='"y"', more="[[[]]]"),
        "Bearer " + token_of(name="null", email="null"),
    ):
        with subtests.test(header=header[:99]):
            answer = await ask_with(api, header)

            assert answer.json()["data"] == {"viewer": {"name": "Ada"}}


OURS = TokenRules(SECRET, issuer="https://id.example.com", audience="connects")
ISSUER, AUDIENCE = (json.dumps(text) for text in OURS[1:])
NOT_FOR_US = {
    "The token lacks the claim iss.": [{"aud": AUDIENCE}, {"aud": AUDIENCE, "iss": "null"}],
    "The token's iss is not text.": [
        {"aud": AUDIENCE, "iss": text} for text in ("5", f"[{ISSUER}]", "{}", "true")
    ],
    "The token's iss is not an issuer that this service trusts.": [
        {"aud": AUDIENCE, "iss": text}
        for text in ('""', '"https://id.example.com/"', '"HTTPS://ID.EXAMPLE.COM"', '"\\ud800"')
    ],
    "The token lacks the claim aud.": [{"iss": ISSUER}, {"iss": ISSUER, "aud": "null"}],
    "The token's aud is neither text nor a list of texts.": [
        {"iss": ISSUER, "aud": text} for text in ("5", "{}", "[5]", f"[{AUDIENCE}, 5]", "true")
    ],
    "The token's aud does not name this service.": [
        {"iss": ISSUER, "aud": text}
        for text in ('""', "[]", '"x"', '["x", "y"]', '"Connects"', '" connects"', '"connects2"')
    ],
}


async def test_a_token_must_have_the_issuer_and_the_audience_that_are_configured(
    api: Api, subtests: pytest.Subtests
) -> None:
    ours = Api.of(api.services, rules=OURS)
    async with api.unchanged(User):
        for message, wrong in NOT_FOR_US.items():
            for claims in wrong:
                with subtests.test(**claims):
                    answer = await ask_with(ours, f"Bearer {token_of(**claims)}")

                    assert answer.status_code == 401
                    assert answer.json()["errors"][0]["message"] == message
    assert await count(api.services.database, "user") == 0

    for audience in (AUDIENCE, f"[{AUDIENCE}]", f'["x", {AUDIENCE}, "x", {AUDIENCE}]'):
        answer = await ask_with(ours, f"Bearer {token_of(iss=ISSUER, aud=audience)}")

        assert answer.json()["data"] == {"viewer": {"name": "Ada"}}


async def test_of_a_claim_that_is_given_twice_the_last_counts(api: Api) -> None:
    ours = Api.of(api.services, rules=OURS)
    start = f'{{"sub": "Ada", "exp": {NOW + 1}, "iss": {ISSUER}'

    answers = [
        (await ask_with(ours, f"Bearer {signed(start + more)}")).status_code
        for more in (f', "aud": "x", "aud": {AUDIENCE}}}', f', "aud": {AUDIENCE}, "aud": "x"}}')
    ]

    assert answers == [200, 401]


CHARACTERS = {
    "a letter": "x",
    "two bytes": "é",
    "three bytes": "中",
    "an emoji": "😀",
    "right to left": "ש",
    "a combining accent": "e\u0301",
}
LONGEST = {"sub": 255, "name": 200, "email": 254}


@pytest.mark.slow
@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS)
async def test_a_claim_may_be_as_long_as_it_may_be_and_no_longer(
    api: Api, character: str, subtests: pytest.Subtests
) -> None:
    for claim, most in LONGEST.items():
        for length in (199, 200, 201, 254, 255, 256):
            text = (character * length)[:length]
            with subtests.test(claim=claim, length=length):
                user = {"sub": f"{claim} {length} {character}", claim: text}
                answer = await ask_with(api, f"Bearer {token_saying(**user)}")

                if length <= most:
                    assert answer.status_code == 200, answer.text
                    assert answer.json()["data"]["viewer"]["name"] == user.get(
                        "name", user["sub"][:200]
                    )
                else:
                    assert answer.status_code == 401
                    words = f"{claim}: may have at most {most} characters, not {length}"
                    assert words in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("claim", LONGEST)
@pytest.mark.parametrize(
    "text",
    ['"\\u0000"', '"a\\u0000b"', '"\\ud83d"', '"\\ude00\\ud83d"', '" "', '"\\u200b \\u2029"', '""'],
)
async def test_a_claim_that_nobody_can_read_is_refused(api: Api, claim: str, text: str) -> None:
    async with api.unchanged(User):
        answer = await ask_with(api, f"Bearer {token_of(**{claim: text})}")

    assert answer.status_code == 401
    assert f"The token is not usable: {claim}: " in answer.json()["errors"][0]["message"]
    assert await count(api.services.database, "user") == 0


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (" " * 230 + "Ada", "Ada"),
        ("\u200b" * 230 + "Ada\u200b", "Ada\u200b"),
        ("Ada" + " " * 230 + "!", "Ada"),
        ("\u200f" + "ש" * 230, "ש" * 200),
        ("a" * 199 + "😀" * 40, "a" * 199 + "😀"),
    ],
    ids=["spaces", "no width", "a gap", "right to left", "an emoji at the edge"],
)
async def test_a_name_that_is_made_of_a_long_subject_can_be_read(
    api: Api, subject: str, name: str
) -> None:
    answer = await ask_with(api, f"Bearer {token_saying(sub=subject)}")

    assert answer.json()["data"] == {"viewer": {"name": name}}
    [[kept]] = await api.services.database.fetch(both('SELECT subject FROM "user"'))
    assert kept == subject


def token_saying(**claims: str) -> str:
    """A token with those claims as they are, not escaped as `issue_token` would."""
    return token_of(**{name: json.dumps(text, ensure_ascii=False) for name, text in claims.items()})


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
