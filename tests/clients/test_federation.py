"""Our subgraph in a supergraph, as Apollo composes it."""

from pathlib import Path

import pytest

from tests.clients.node import answer
from tests.server.processes import environment_of, serving


@pytest.mark.slow
def test_it_composes_with_a_subgraph_that_extends_its_entities(tmp_path: Path) -> None:
    """That subgraph also has `node`, and values of types that are ours, too."""
    environment = environment_of(
        f"sqlite://{tmp_path / 'subgraph.sqlite3'}", CONNECTS_FEDERATION="true"
    )
    with serving(environment, tmp_path, "run") as server:
        sdl = server.ask("{ _service { sdl } }", None)["_service"]["sdl"]

    composed = answer("compose.js", {"sdl": sdl})

    assert composed["errors"] == []
    assert "CONNECTS @join__graph" in composed["supergraph"]
    assert "https://specs.apollo.dev/cost/v0.1" in composed["supergraph"]
    assert "node(id: ID!): Node @join__field(graph: REVIEWS)" in composed["supergraph"]
    assert "disputed: Boolean! @join__field(graph: REVIEWS)" in composed["supergraph"]
    assert "reviews: [Review!]! @join__field(graph: REVIEWS)" in composed["supergraph"]
    assert "hourlyRate: Money @join__field(graph: CONNECTS)" in composed["supergraph"]
