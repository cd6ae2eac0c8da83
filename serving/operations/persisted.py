"""Documents that clients identify by hash: automatic persisted queries, and trusted documents.

Automatic: Apollo's protocol. A client sends only a hash. If the hash is unknown, the client is told
so and sends the document too, which is then cached. Trusted: documents registered in advance, in a
file; with `only_trusted` nothing else is executed.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from graphql import GraphQLError

from serving.operations.documents import Documents, Rejected
from serving.operations.remembered import Remembered
from serving.transport.bodies import GraphQLRequest, hash_in

MANIFEST: Final = "apollo-persisted-query-manifest"
REMEMBERED_WEIGHT: Final = 10_000_000
"""At most 40 MB, at four bytes per character."""


class WrongDocumentsError(Exception):
    """A file of trusted documents cannot be used; the message says why."""


class PersistedDocuments:
    """The documents of the hashes that clients send."""

    def __init__(
        self, trusted: Mapping[str, str] | None = None, *, only_trusted: bool = False
    ) -> None:
        self._trusted = trusted or {}
        self._only_trusted = only_trusted
        self._remembered: Remembered[str] = Remembered(REMEMBERED_WEIGHT)

    def text(self, asked: GraphQLRequest) -> str:
        """Returns the document to be executed. Raises Rejected."""
        if asked.query is not None and asked.document_hash is None:
            if self._only_trusted and _sha256(asked.query) not in self._trusted:
                raise _rejected("Only trusted documents are executed.", "QUERY_NOT_IN_SAFELIST")
            return asked.query
        assert asked.document_hash is not None, "a request has a document or a hash"
        if asked.query is not None and _sha256(asked.query) != asked.document_hash:
            raise _rejected("The hash does not match the document.", "BAD_REQUEST")
        known = self._trusted.get(asked.document_hash)
        if known is None and self._only_trusted:
            raise _rejected(
                "There is no trusted document with this hash.", "PERSISTED_QUERY_NOT_IN_LIST"
            )
        known = known or asked.query or self._remembered.get(asked.document_hash)
        if known is None:
            raise _rejected("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return known

    def remember(self, document_hash: str, text: str) -> None:
        """Caches a valid document, so that its hash suffices from now on."""
        if document_hash not in self._trusted and document_hash not in self._remembered:
            self._remembered.put(document_hash, text, len(text))


def read_trusted_documents(path: Path, documents: Documents) -> dict[str, str]:
    """The documents of a JSON file by their hashes.

    It is {hash: document}, as Relay and GraphQL Code Generator write it, or Apollo's manifest.
    Raises WrongDocumentsError where one of them is not what its hash says, or not valid.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise WrongDocumentsError(f"can't be read: {error}") from error
    if not isinstance(found, dict):
        raise WrongDocumentsError("must hold a JSON object of hashes and documents")
    named = _operations_of(found) if "format" in found else found.items()
    trusted = {}
    for name, text in named:
        found_hash = hash_in(name)
        if found_hash is None or not isinstance(text, str) or _sha256(text) != found_hash:
            raise WrongDocumentsError(f"has {name!r}, which is not the SHA-256 of its document")
        try:
            documents.keep(text)
        except Rejected as rejected:
            message = rejected.errors[0].message
            raise WrongDocumentsError(f"has a wrong document, {name}: {message}") from rejected
        trusted[found_hash] = text
    return trusted


def _operations_of(manifest: dict[str, Any]) -> list[tuple[object, object]]:
    """The ids and documents of a manifest, as Apollo's tools write it. Raises WrongDocumentsError.

    An id is the SHA-256 of its document, which is the default of those tools.
    """
    if manifest["format"] != MANIFEST:
        raise WrongDocumentsError(f"has a format that is not {MANIFEST}")
    if manifest.get("version") != 1:
        raise WrongDocumentsError("must be version 1 of Apollo's manifest")
    operations = manifest.get("operations")
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise WrongDocumentsError("must hold a list of operations, each with id and body")
    return [(one.get("id"), one.get("body")) for one in operations]


def _sha256(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _rejected(message: str, code: str) -> Rejected:
    return Rejected(GraphQLError(message, extensions={"code": code}))
