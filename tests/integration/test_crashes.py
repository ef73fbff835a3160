"""kill -9 at any point: nothing half-done is ever shown, and the next run goes on at once to the same tables."""

import shutil
from pathlib import Path

import day_runs
import pytest

from orchestration.proof import verify

LOCK_WORDS = ("lock", "another process", "IO Error", "Traceback")


def assert_healed(ran: day_runs.Ran, undisturbed: day_runs.Ran) -> None:
    assert ran.code == 3
    assert [] == [word for word in LOCK_WORDS if word in ran.output]
    assert "had died" in ran.output
    assert ran.seconds < max(4 * undisturbed.seconds, 120)


@pytest.mark.heavy
def test_a_folder_killed_on_its_first_day_ends_with_the_tables_of_an_undisturbed_one(undisturbed, tmp_path):
    quiet, ran = undisturbed
    folder = day_runs.shop(tmp_path / "shop", like=quiet)
    day_runs.kill_when(folder, day_runs.building(folder), *day_runs.days())
    assert [] == list((folder / "data" / "published").glob("*"))
    healed = day_runs.tieout(folder, *day_runs.days())
    assert_healed(healed, ran)
    assert {} == day_runs.differences_of_folders(quiet, folder)
    assert [] == verify(folder / "data")
    assert [] == list((folder / "data" / "warehouse" / ".unpacked").glob("*"))


def test_killed_while_publishing_the_last_run_stays_as_it_was(repeated):
    assert repeated.first_run == repeated.runs_after_kill
    assert {} == day_runs.differences(repeated.before, repeated.after_kill)


def test_after_a_kill_while_publishing_the_next_run_publishes(undisturbed, repeated):
    assert_healed(repeated.last, undisturbed[1])
    assert len(day_runs.run_ids(repeated.folder)) == len(repeated.first_run) + 1
    assert [] == verify(repeated.folder / "data")
    published = repeated.folder / "data" / "published"
    assert [] == [path.name for path in published.glob(".*") if path.name != ".lock"]


@pytest.fixture(scope="session")
def one_day(undisturbed, tmp_path_factory) -> Path:
    folder = day_runs.shop(tmp_path_factory.mktemp("one_day"), like=undisturbed[0])
    assert day_runs.tieout(folder, *day_runs.days(day_runs.FIRST, day_runs.FIRST)).code == 3
    return folder


@pytest.mark.heavy
@pytest.mark.parametrize("phase", day_runs.PHASES)
def test_a_day_killed_in_the_middle_leaves_the_day_before_and_heals(undisturbed, one_day, tmp_path, phase):
    quiet, ran = undisturbed
    folder = shutil.copytree(one_day, tmp_path / "shop")
    before, runs = day_runs.content(folder), day_runs.run_ids(folder)
    day_runs.kill_when(folder, day_runs.PHASES[phase](folder), *day_runs.days())
    assert runs == day_runs.run_ids(folder)
    assert {} == day_runs.differences(before, day_runs.content(folder))
    assert_healed(day_runs.tieout(folder, *day_runs.days()), ran)
    assert {} == day_runs.differences_of_folders(quiet, folder)
    assert [] == verify(folder / "data")
