"""What Relay's compiler makes of the schema."""

import json
import shutil
from pathlib import Path

from tests.clients.node import FOLDER, PACKAGES, run

SCHEMA = FOLDER.parents[1] / "schema.graphql"


def test_relay_compiles_fragments_lists_mutations_and_subscriptions(tmp_path: Path) -> None:
    shutil.copy(SCHEMA, tmp_path)
    shutil.copytree(FOLDER / "relay", tmp_path / "src")
    (tmp_path / "artifacts").mkdir()
    configuration = {
        "src": "src",
        "schema": SCHEMA.name,
        "artifactDirectory": "artifacts",
        "language": "typescript",
        "customScalarTypes": {"DateTime": "string"},
    }
    (tmp_path / "relay.config.json").write_text(json.dumps(configuration))

    run(PACKAGES / "relay-compiler" / "cli.js", "relay.config.json", cwd=tmp_path)

    made = {path.name.partition(".")[0] for path in (tmp_path / "artifacts").iterdir()}
    assert made >= {
        "walletPageQuery",
        "walletAccountRefetchQuery",
        "walletEntriesForwardsQuery",
        "walletEntriesBackwardsQuery",
        "walletJobsQuery",
        "walletPostJobMutation",
        "walletEntriesSubscription",
    }
