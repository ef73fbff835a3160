"""Runs repeated, sliced and reordered: the tables are a function of what arrived, not of how it was asked for."""

import shutil
from datetime import timedelta
from itertools import pairwise

import day_runs
import pytest
import snapshot_reader

from orchestration.alerts.open import open_incidents
from orchestration.settings import load
from orchestration.warehouse.published import read_published


def test_a_second_run_changes_no_table(repeated):
    assert {} == day_runs.differences(repeated.before, repeated.after)
    assert (3, True) == (repeated.last.code, bool(repeated.before["matches"]))


def test_a_second_run_writes_no_row_of_changes(repeated):
    with day_runs.published(repeated.folder) as con:
        found = con.execute("select run_id, table_name, count(*) from marts.changes group by all").fetchall()
    assert set(repeated.first_run) == {run for run, _, _ in found}


@pytest.fixture(scope="session")
def day_by_day(undisturbed, tmp_path_factory):
    """One run a day, in order; a reader looks on."""
    folder = day_runs.shop(tmp_path_factory.mktemp("in_order"), like=undisturbed[0])
    contents = []
    with snapshot_reader.reading(folder) as seen:
        for offset in range(3):
            day = day_runs.FIRST + timedelta(days=offset)
            assert day_runs.tieout(folder, *day_runs.days(day, day)).code == 3
            contents.append(day_runs.content(folder))
    return folder, contents, snapshot_reader.sights(seen)


@pytest.mark.heavy
def test_days_in_order_are_one_backfill(undisturbed, day_by_day):
    assert {} == day_runs.differences_of_folders(undisturbed[0], day_by_day[0])


@pytest.mark.heavy
def test_days_in_another_order_are_one_backfill(undisturbed, tmp_path):
    folder = day_runs.shop(tmp_path / "shop", like=undisturbed[0])
    for offset in (2, 0, 1):
        day = day_runs.FIRST + timedelta(days=offset)
        assert day_runs.tieout(folder, *day_runs.days(day, day)).code == 3
    assert {} == day_runs.differences_of_folders(undisturbed[0], folder)


@pytest.mark.heavy
def test_building_everything_again_gives_what_the_days_gave(day_by_day, tmp_path):
    folder = shutil.copytree(day_by_day[0], tmp_path / "again")
    before = day_runs.content(folder)
    assert day_runs.tieout(folder, *day_runs.days(), "--full-refresh").code == 3
    assert {} == day_runs.differences(before, day_runs.content(folder))


@pytest.mark.heavy
def test_a_reader_of_growing_tables_sees_every_run_whole(day_by_day):
    folder, contents, seen = day_by_day
    assert all(day_runs.differences(one, other) for one, other in pairwise(contents))
    assert [] == [sight for sight in seen if sight.get("error") or sight.get("torn")]
    assert day_runs.run_ids(folder) == list(dict.fromkeys(sight["run"] for sight in seen if "run" in sight))


def test_messages_call_an_incident_by_the_number_it_is_published_under(undisturbed):
    settings = load(undisturbed[0] / "tieout.toml", {})
    told = {incident.incident_id: incident.items for incident in open_incidents(settings)}
    published = dict(read_published(settings, "select incident_id, exception_count from marts.incidents", {}))
    assert published
    assert published == {number: items for number, items in told.items() if items > 1}
