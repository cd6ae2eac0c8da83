"""Addresses of PostgreSQL: managed databases' are understood, and what is wrong is named."""

import ssl
from pathlib import Path

import pytest

from models.store.postgres_address import connection_options

SECRET = "s3cret"


def options(address: str) -> dict[str, object]:
    return connection_options(f"postgres://{address}")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_every_part_is_read_and_decoded(scheme: str) -> None:
    given = connection_options(
        f"{scheme}://ada%40corp:p%23%2F%3F%25@w@db.example.com:6543/my%20db"
        "?application_name=the%20api&connect_timeout=3&options=endpoint%3Dcool"
    )

    assert given == {
        "host": "db.example.com",
        "port": 6543,
        "user": "ada@corp",
        "password": "p#/?%@w",
        "database": "my db",
        "ssl": "prefer",
        "timeout": 3,
        "server_settings": {"application_name": "the api", "options": "endpoint=cool"},
    }


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("ada@localhost/db", "localhost", 5432),
        ("localhost/db", "localhost", 5432),
        ("[::1]:6543/db", "::1", 6543),
        ("[::1]/db", "::1", 5432),
        ("ada@/db?host=/Run/Sockets", "/Run/Sockets", 5432),
        ("ada@%2FRun%2FSockets:6543/db", "/Run/Sockets", 6543),
    ],
)
def test_hosts_are_names_addresses_or_folders_of_sockets(
    address: str, host: str, port: int
) -> None:
    given = options(address)

    assert (given["host"], given["port"], given["password"]) == (host, port, None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", "prefer"), ("sslmode=disable", False), ("sslmode=allow", "allow")],
)
def test_without_a_mode_that_encrypts_tls_is_a_matter_of_the_server(
    query: str, expected: object
) -> None:
    assert options(f"localhost/db?{query}")["ssl"] == expected


@pytest.mark.parametrize(
    ("query", "verifies", "checks_the_name"),
    [
        ("sslmode=require", False, False),
        ("sslmode=verify-full", True, True),
        ("sslmode=verify-full&sslrootcert=system", True, True),
    ],
)
def test_each_mode_checks_what_libpq_says_it_checks(
    query: str, verifies: bool, checks_the_name: bool
) -> None:
    context = options(f"localhost/db?{query}")["ssl"]

    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode is ssl.CERT_REQUIRED) == verifies
    assert context.check_hostname == checks_the_name
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


WRONG = {
    f"u:{SECRET}@h/db?foo=1": "unsupported option foo",
    f"u:{SECRET}@h/db?sslMode=require": "unsupported option sslMode",
    f"u:{SECRET}@h/db?ssl=true": "sslmode=require",
    f"u:{SECRET}@h/db?channel_binding=require": "no channel binding",
    f"u:{SECRET}@h/db?pgbouncer=true": "Prisma",
    f"u:{SECRET}@h/db?sslmode=on": "unknown sslmode; use one of disable, allow, prefer",
    f"u:{SECRET}@h/db?sslmode=": "sslmode without a value",
    f"u:{SECRET}@h/db?sslmode": "sslmode without a value",
    f"u:{SECRET}@h/db?sslmode=require&sslmode=disable": "sslmode twice",
    f"u:{SECRET}@h/db?sslmode=verify-ca": "needs sslrootcert",
    f"u:{SECRET}@h/db?sslmode=require&sslrootcert=system": "sslmode=verify-full",
    f"u:{SECRET}@h/db?sslrootcert=root.crt": "sslrootcert, which needs a sslmode of require",
    f"u:{SECRET}@h/db?sslmode=prefer&sslcert=a.crt": "sslcert, which needs a sslmode of require",
    f"u:{SECRET}@h/db?sslmode=require&sslkey=a.key": "sslkey without sslcert",
    f"u:{SECRET}@h/db?sslmode=require&sslrootcert=/no/such.crt": "No such file",
    f"u:{SECRET}@h/db?sslmode=require&sslcert=/no/such.crt": "No such file",
    f"u:{SECRET}@h/db?connect_timeout=0": "from 1 to 60",
    f"u:{SECRET}@h/db?connect_timeout=soon": "from 1 to 60",
    f"u:{SECRET}@h/db#x": "%23",
    f"u:a#{SECRET}@h/db": "%23",
    f"u:a/{SECRET}@h/db": "%2F",
    f"u:a?{SECRET}@h/db": "%3F",
    f"u:{SECRET}%ff@h/db": "%25",
    f"u:{SECRET}%00@h/db": "%25",
    f"u:{SECRET}@h/db\n": "control character",
    f"u:{SECRET} @h/db": "space",
    f"u:{SECRET}@h:port/db": "port that is not a number from 1 to 65535",
    f"u:{SECRET}@h:0/db": "port that is not a number",
    f"u:{SECRET}@h:65536/db": "port that is not a number",
    f"u:{SECRET}@h:/db": "port that is not a number",
    f"u:{SECRET}@h:٣/db": "port that is not a number",
    f"u:{SECRET}/db": "port that is not a number",
    f"u:{SECRET}@/db": "names no host",
    f"u:{SECRET}@:5432/db": "names no host",
    "/db": "names no host",
    f"u:{SECRET}@h": "name of one database",
    f"u:{SECRET}@h/": "name of one database",
    f"u:{SECRET}@h/db/other": "name of one database",
    f"u:{SECRET}@h1,h2/db": "several hosts",
    f"u:{SECRET}@h..example/db": "invalid host name",
    f"u:{SECRET}@{'h' * 64}/db": "invalid host name",
    f"u:{SECRET}@::1/db": "port that is not a number",
    f"u:{SECRET}@[::1/db": "brackets",
    f"u:{SECRET}@[::1]x/db": "brackets",
}


@pytest.mark.parametrize(("address", "words"), WRONG.items(), ids=ascii)
def test_what_is_wrong_is_named_in_a_line_that_has_no_password(address: str, words: str) -> None:
    with pytest.raises(ValueError) as refused:
        options(address)

    message = str(refused.value)
    assert words in message
    assert message.startswith(("has ", "names ", "must "))
    assert SECRET not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sslmode=verify-ca&sslrootcert=FILE", "sslrootcert=FILE, which can't be used: NO_CERT"),
        ("sslmode=require&sslcert=FILE", "sslcert=FILE, which can't be used: it holds no cert"),
        (
            "sslmode=require&sslcert=FILE&sslkey=FILE",
            "sslcert=FILE with sslkey=FILE, which can't be used: it holds no certificate and key",
        ),
    ],
)
def test_a_file_without_certificates_is_named(tmp_path: Path, query: str, words: str) -> None:
    file = tmp_path / "root.crt"
    file.write_text("no certificate")

    with pytest.raises(ValueError, match="which can't be used") as raised:
        options(f"localhost/db?{query.replace('FILE', str(file))}")

    assert words.replace("FILE", str(file)) in str(raised.value)
    assert "None" not in str(raised.value)
