"""A world with the demo connector registered beside the real ones; and whole runs that several tests look at."""

from pathlib import Path

import day_runs
import demo_source
import pytest
import whole_runs

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


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory) -> tuple[Path, day_runs.Ran]:
    """Three days in one run, as nobody disturbed it; the corner shop's broken files make its exit code 3."""
    return whole_runs.made_once(tmp_path_factory, "undisturbed", whole_runs.undisturbed)


@pytest.fixture(scope="session")
def repeated(undisturbed, tmp_path_factory) -> whole_runs.Repeated:
    """The same days again, killed while publishing, then once more to the end, while a reader looks on."""
    return whole_runs.made_once(tmp_path_factory, "repeated", lambda _: whole_runs.repeated(undisturbed[0]))
