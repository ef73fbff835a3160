"""A world with the demo connector registered beside the real ones; and whole runs that several tests look at."""

from dataclasses import dataclass
from pathlib import Path

import day_runs
import demo_source
import pytest
import snapshot_reader

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
    folder = day_runs.shop(tmp_path_factory.mktemp("undisturbed"))
    ran = day_runs.tieout(folder, *day_runs.days())
    assert ran.code == 3
    return folder, ran


@dataclass(frozen=True)
class Repeated:
    """The same days again: killed while publishing, then once more to the end; and what a reader saw all the time."""

    folder: Path
    first_run: list[str]
    before: day_runs.Content
    after_kill: day_runs.Content
    runs_after_kill: list[str]
    after: day_runs.Content
    last: day_runs.Ran
    seen: list[dict[str, object]]


@pytest.fixture(scope="session")
def repeated(undisturbed) -> Repeated:
    folder, _ = undisturbed
    first_run, before = day_runs.run_ids(folder), day_runs.content(folder)
    with snapshot_reader.reading(folder) as seen:
        day_runs.kill_when(folder, day_runs.publishing(folder), *day_runs.days())
        after_kill, runs_after_kill = day_runs.content(folder), day_runs.run_ids(folder)
        last = day_runs.tieout(folder, *day_runs.days())
    after = day_runs.content(folder)
    sights = snapshot_reader.sights(seen)
    return Repeated(folder, first_run, before, after_kill, runs_after_kill, after, last, sights)
