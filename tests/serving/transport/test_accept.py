"""How the header Accept is understood, as real clients and browsers send it."""

import pytest

from serving.transport.accept import EVENT_STREAM, GRAPHQL_JSON, JSON, MULTIPART, accepted

CLIENTS = {
    "curl": (b"*/*", JSON, None, False, False),
    "none": (b"", JSON, None, False, False),
    "urql": (
        b"application/graphql-response+json, application/graphql+json, application/json, "
        b"text/event-stream, multipart/mixed",
        *(GRAPHQL_JSON, EVENT_STREAM, False, False),
    ),
    "Apollo, a query": (
        b"application/graphql-response+json,application/json;q=0.9",
        *(GRAPHQL_JSON, None, False, False),
    ),
    "Apollo, with @defer": (
        b"multipart/mixed;deferSpec=20220824,application/graphql-response+json,"
        b"application/json;q=0.9",
        *(GRAPHQL_JSON, None, False, False),
    ),
    "Apollo, a subscription": (
        b"multipart/mixed;boundary=graphql;subscriptionSpec=1.0,"
        b"application/graphql-response+json,application/json;q=0.9",
        *(GRAPHQL_JSON, MULTIPART, False, False),
    ),
    "Apollo for Kotlin, a subscription": (
        b'multipart/mixed;subscriptionSpec="1.0", application/graphql-response+json, '
        b"application/json",
        *(GRAPHQL_JSON, MULTIPART, False, False),
    ),
    "graphql-sse": (b"text/event-stream", JSON, EVENT_STREAM, True, False),
    "GraphiQL": (
        b"application/json, multipart/mixed",
        *(JSON, None, False, False),
    ),
    "Relay, by its documentation": (b"application/json", JSON, None, False, False),
    "Chrome": (
        b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        *(JSON, None, False, True),
    ),
}
WEIGHTS = {
    b"application/json, text/event-stream;q=0": (JSON, None, False, False),
    b"text/event-stream;q=0": (JSON, None, False, False),
    b"text/event-stream; Q=0.000": (JSON, None, False, False),
    b"application/json, text/event-stream": (JSON, EVENT_STREAM, False, False),
    b"application/json;q=0.5, text/event-stream": (JSON, EVENT_STREAM, True, False),
    b"*/*;q=0.1, text/event-stream;q=0.2": (JSON, EVENT_STREAM, True, False),
    b"*/*, text/event-stream;q=0.9": (JSON, EVENT_STREAM, False, False),
    b"application/*;q=0.1,*/*, text/event-stream;q=0.2": (JSON, EVENT_STREAM, True, False),
    b"text/*": (JSON, EVENT_STREAM, False, False),
    b"TEXT/*;q=0.1": (JSON, EVENT_STREAM, False, False),
    b"text/*;q=0": (JSON, None, False, False),
    b"application/json;q=0.1, text/*;q=0.9": (JSON, EVENT_STREAM, False, False),
    b"text/*, text/event-stream;q=0": (JSON, None, False, False),
    b"text/*;q=0, text/event-stream": (JSON, EVENT_STREAM, True, False),
    b"text/*;q=0.1, multipart/mixed;subscriptionSpec=1.0;q=0.2": (JSON, MULTIPART, False, False),
    b"text/plain, */*": (JSON, None, False, False),
    b"TEXT/Event-Stream": (JSON, EVENT_STREAM, True, False),
    b" text/event-stream ; charset=utf-8 ": (JSON, EVENT_STREAM, True, False),
    b"text/event-streams, xtext/event-stream": (JSON, None, False, False),
    b'application/json; x="text/event-stream, text/event-stream"': (JSON, None, False, False),
    b'application/json; x="\\", text/event-stream': (JSON, None, False, False),
    b"text/event-stream;q=2": (JSON, None, False, False),
    b"text/event-stream;q=-1, text/html;q=x": (JSON, None, False, False),
    b"application/json, application/graphql-response+json;q=0.9": (JSON, None, False, False),
    b"application/graphql-response+json;q=0": (JSON, None, False, False),
    b"application/graphql-response+json, */*": (GRAPHQL_JSON, None, False, False),
    b"multipart/mixed;subscriptionSpec=2.0": (JSON, None, False, False),
    b"multipart/mixed;subscriptionspec=1.0;q=0.5, text/event-stream;q=0.4": (
        *(JSON, MULTIPART, True, False),
    ),
    b"multipart/mixed;subscriptionSpec=1.0;q=0": (JSON, None, False, False),
    b"text/html;q=0.5, application/json": (JSON, None, False, False),
    b"text/html;q=0, */*": (JSON, None, False, False),
    b",,;;=,q=1,text/html;": (JSON, None, False, True),
    b'"' * 60_000: (JSON, None, False, False),
    b"a/b;" * 15_000: (JSON, None, False, False),
    b"a/b," * 15_000 + b"text/event-stream": (JSON, None, False, False),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_clients_are_answered_as_they_can_read(client: str) -> None:
    value, *expected = CLIENTS[client]

    assert accepted(value) == tuple(expected)


@pytest.mark.parametrize("value", WEIGHTS, ids=lambda value: ascii(value[:60]))
def test_weights_count_and_streams_have_to_be_named(value: bytes) -> None:
    assert accepted(value) == WEIGHTS[value]
