"""A world with the demo connector registered beside the real ones."""

import demo_source
import pytest

from connectors.core import registry
from orchestration.settings import connections


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = demo_source.World(tmp_path)
    sources = {**registry.SOURCES, "demo": made.source}
    monkeypatch.setattr(registry, "SOURCES", sources)
    monkeypatch.setattr(registry, "NAMES", tuple(sources))
    monkeypatch.setattr(connections, "NAMES", tuple(sources))
    (tmp_path / "inbox").mkdir()
    return made
