"""The asset graph under snapshot: whoever changes it, sees it.

After a change that is meant: ``python -m tests.architecture.test_asset_graph`` writes the snapshot anew.
"""

import json
from pathlib import Path

from tests import definitions

SNAPSHOT = Path(__file__).with_name("asset_graph.json")


def test_the_asset_graph_is_the_one_that_was_looked_at():
    kept = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    found = definitions.graph()
    changed = sorted(name for name in kept.keys() | found.keys() if kept.get(name) != found.get(name))
    assert [] == changed, "renew the snapshot if this is meant: python -m tests.architecture.test_asset_graph"


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(definitions.graph(), indent=1) + "\n", encoding="utf-8")
