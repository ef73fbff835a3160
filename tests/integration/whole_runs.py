"""Whole runs that several tests look at, made once for all processes of a suite."""

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import day_runs
import snapshot_reader

from orchestration.settings import hold


def made_once(tmp_path_factory, name: str, make: Callable[[Path], Any]) -> Any:
    """What a whole run left, made by the first process of the suite that asks; the others wait for it."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    made = root / f"{name}.made"
    with hold(root / f"{name}.lock", wait_seconds=None):
        if not made.exists():
            result = make(root / name)
            made.write_bytes(pickle.dumps(result))
    return pickle.loads(made.read_bytes())  # noqa: S301 - written above


def undisturbed(folder: Path) -> tuple[Path, day_runs.Ran]:
    shutil.rmtree(folder, ignore_errors=True)
    day_runs.shop(folder)
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


def repeated(folder: Path) -> Repeated:
    first_run, before = day_runs.run_ids(folder), day_runs.content(folder)
    with snapshot_reader.reading(folder) as seen:
        day_runs.kill_when(folder, day_runs.publishing(folder), *day_runs.days())
        after_kill, runs_after_kill = day_runs.content(folder), day_runs.run_ids(folder)
        last = day_runs.tieout(folder, *day_runs.days())
    after = day_runs.content(folder)
    sights = snapshot_reader.sights(seen)
    return Repeated(folder, first_run, before, after_kill, runs_after_kill, after, last, sights)
