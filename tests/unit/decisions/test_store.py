"""The log: nothing is lost when several write at once, and what was written cannot be changed unseen."""

import multiprocessing
import os
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path

import desk_of
import pytest

from orchestration.decisions import DecisionError, DecisionStore, check_store, land_events
from orchestration.decisions.event import Draft, first_break
from orchestration.decisions.store import store_of
from orchestration.landing import Archive

EACH, WRITERS = 40, 3
URL = "TIEOUT_TEST_POSTGRESQL"


def write(url, name, started):
    started.wait()
    for number in range(EACH):
        with DecisionStore(url).appending() as log:
            log.add(Draft("proposed", name, {"number": number}), lambda event: "signed", desk_of.now)


def written_at_once(store):
    context = multiprocessing.get_context("spawn")
    started = context.Barrier(WRITERS)
    writers = [context.Process(target=write, args=(store.url, f"p{number}", started)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [0] * WRITERS == [writer.exitcode for writer in writers]
    events = store.events()
    said = [(event.person, event.facts["number"]) for event in events]
    assert sorted((f"p{writer}", number) for writer in range(WRITERS) for number in range(EACH)) == sorted(said)
    assert first_break(events) is None
    assert len({event.at for event in events}) == len({event.decision_id for event in events}) == len(events)


def test_three_processes_at_once_lose_nothing(tmp_path):
    written_at_once(store_of(desk_of.made(tmp_path)))


def test_runs_that_archive_while_others_write_take_every_event_once(tmp_path):
    settings = desk_of.made(tmp_path)
    store, archive, day = store_of(settings), Archive(settings.data_dir), desk_of.now().date()
    context = multiprocessing.get_context("spawn")
    started = context.Barrier(2)
    writer = context.Process(target=write, args=(store.url, "lin", started))
    writer.start()
    started.wait()
    taken: list[int] = []
    while writer.is_alive() or not taken or sum(taken) < len(store.events()):
        taken += [int(entry.stated["rows"]) for entry in land_events(archive, settings, day, desk_of.now()).entries]
    writer.join()
    assert (0, EACH) == (writer.exitcode, sum(taken))
    assert EACH == int(archive.entries()[-1].stated["last"])


@pytest.mark.postgresql
@pytest.mark.skipif(URL not in os.environ, reason=f"{URL} names no server: decisions in PostgreSQL are not tried")
def test_three_processes_at_once_lose_nothing_in_postgresql(tmp_path):
    url = os.environ[URL]
    settings = desk_of.made(tmp_path, more=f'[decisions]\nurl = "{url}"')
    store = store_of(settings)
    with store.appending() as log:
        log._connection.exec_driver_sql("delete from decision_events")
    written_at_once(store)
    number = desk_of.written_off(settings)
    assert number == store.events()[-1].decision_id


def test_a_server_without_its_driver_is_refused_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    settings = desk_of.made(tmp_path, more='[decisions]\nurl = "postgresql://127.0.0.1:1/none"')
    with pytest.raises(DecisionError, match="its driver is not installed"):
        store_of(settings).events()


def test_what_breaks_off_leaves_nothing(tmp_path):
    store = store_of(desk_of.made(tmp_path))

    def signed(event):
        return {1: "signed"}[event.sequence]

    def both():
        with store.appending() as log:
            for _ in range(2):
                log.add(Draft("proposed", "lin", {}), signed, desk_of.now)

    with pytest.raises(KeyError, match="2"):
        both()
    assert [] == store.events()


def test_a_clock_that_goes_back_does_not_put_an_event_before_another(tmp_path):
    store = store_of(desk_of.made(tmp_path))
    with store.appending() as log:
        first = log.add(Draft("proposed", "lin", {}), lambda event: "s", desk_of.now)
        later = log.add(Draft("proposed", "lin", {}), lambda event: "s", lambda: desk_of.now() - timedelta(hours=1))
    assert first.at < later.at


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            "update decision_events set content = replace(content, '0.30', '0.03') where sequence = 1",
            "event 1 was changed",
        ),
        ("delete from decision_events where sequence = 2", "event 2 is gone"),
        ("update decision_events set previous_hash = hash where sequence = 3", "event 3 does not name"),
        ("delete from decision_events where sequence > 1", "written anew"),
        ("delete from decision_events", "written anew"),
    ],
)
def test_a_log_that_is_not_what_was_archived_stops_the_run_and_is_named(tmp_path, change, named):
    settings = desk_of.made(tmp_path)
    archive = Archive(settings.data_dir)
    for exception in ("e1", "e2"):
        desk_of.written_off(settings, exception)
    land_events(archive, settings, desk_of.now().date(), desk_of.now())
    with store_of(settings).appending() as log:
        log.add(Draft("proposed", "lin", {}), lambda event: "signed", desk_of.now)
    assert check_store(archive, settings) is None
    with sqlite3.connect(Path(settings.data_dir) / "decisions" / "decisions.sqlite") as connection:
        connection.execute(change)
    assert named in (check_store(archive, settings) or "")
    with pytest.raises(DecisionError, match=named):
        land_events(archive, settings, desk_of.now().date(), desk_of.now())


def test_only_what_is_new_is_archived(tmp_path):
    settings = desk_of.made(tmp_path)
    archive, day = Archive(settings.data_dir), desk_of.now().date()
    assert 0 == land_events(archive, settings, day, desk_of.now()).arrived
    assert not (settings.data_dir / "decisions").exists()
    stated = []
    for exception in ("e1", "e2"):
        desk_of.written_off(settings, exception)
        (entry,) = land_events(archive, settings, day, desk_of.now()).entries
        stated.append((entry.connection, entry.stated["rows"], entry.stated["last"]))
    assert [("_decisions", "1", "1"), ("_decisions", "1", "2")] == stated
    assert 0 == land_events(archive, settings, day, desk_of.now()).arrived
