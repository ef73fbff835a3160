"""From the log into the archive: what is new in it, chained as it stands there. SQL knows decisions only from there."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from datetime import date, datetime

from orchestration.decisions.adopted import PEOPLE, Row, adoptions, as_csv, founders, plain
from orchestration.decisions.event import DecisionError, Event, first_break
from orchestration.decisions.person import people_in
from orchestration.decisions.signing import is_unsigned, signed_by_their_persons
from orchestration.decisions.store import store_of
from orchestration.landing import Archive, BrokenArchive, Entry, LandingReport
from orchestration.landing.entry import FIRST
from orchestration.landing.tables import DECISIONS, RULES, land_decisions, land_rules
from orchestration.settings import Settings
from orchestration.settings.rules import read_rules


def land_events(archive: Archive, settings: Settings, today: date, now: datetime) -> LandingReport:
    """Archive the events that no run has seen yet, each with the word whether its person signed it.

    The people stand in front of the events that they judge: a table of them that two approved is archived right behind
    its approval. Raises DecisionError where the log is not the one that was archived before, continued.
    """
    events = store_of(settings).events()
    landed, head = _landed(archive)
    _check(events, landed, head)
    arrived: list[Entry] = []
    for people, last in _stretches(settings, archive, events, landed):
        if people is not None:
            _land_people(archive, people, today, now)
        valid = signed_by_their_persons(events[:last], people_in(people or ()), landed)
        known = {row["person"] for row in people or ()}
        rows = [
            (*astuple(event), "unsigned" if is_unsigned(event) and event.person in known else str(own).lower())
            for event, own in zip(events[landed:last], valid, strict=True)
        ]
        stated = {"rows": str(len(rows)), "last": str(last), "head": events[last - 1].hash if last else FIRST}
        arrived += land_decisions(archive, rows, stated, today, now).entries
        landed = last
    return LandingReport(entries=tuple(arrived), arrived=len(arrived), bytes=sum(entry.size for entry in arrived))


def _stretches(
    settings: Settings, archive: Archive, events: Sequence[Event], landed: int
) -> Iterator[tuple[Sequence[Row] | None, int]]:
    """The people of each stretch of the log that is not archived yet, and its last event; None without such a table."""
    people = founders(settings, archive, events)
    for adopted in adoptions(events, people) if people is not None else ():
        if adopted.table != PEOPLE:
            continue
        if adopted.sequence > landed and adopted.rows != people:
            yield people, adopted.sequence
        people = adopted.rows
    yield people, len(events)


def _land_people(archive: Archive, people: Sequence[Row], today: date, now: datetime) -> None:
    """Archive the people who judge from here on, where they are not the newest there."""
    newest = [entry for entry in archive.entries() if (entry.connection, entry.stream) == (RULES, PEOPLE)][-1:]
    for entry in newest:
        path = archive.path_of(entry)
        if plain(PEOPLE, (row for _, row in read_rules(PEOPLE, path, path.read_bytes()))) == tuple(people):
            return
    land_rules(archive, {PEOPLE: as_csv(PEOPLE, people)}, today, now)


def archived_events(archive: Archive, settings: Settings) -> Sequence[Event]:
    """The part of the log that is archived: what a run goes by."""
    return store_of(settings).events()[: _landed(archive)[0]]


def check_store(archive: Archive, settings: Settings) -> str | None:
    """What is wrong with the log; None when it is whole and continues what is archived."""
    try:
        _check(store_of(settings).events(), *_landed(archive))
    except DecisionError as error:
        return str(error)
    except BrokenArchive:
        return None  # said of the archive itself
    return None


def _landed(archive: Archive) -> tuple[int, str]:
    """How many events are archived, and the hash of the last one."""
    entries = [entry for entry in archive.entries() if entry.connection == DECISIONS]
    return (int(entries[-1].stated["last"]), entries[-1].stated["head"]) if entries else (0, FIRST)


def _check(events: Sequence[Event], landed: int, head: str) -> None:
    broken = first_break(events)
    if broken is not None:
        raise DecisionError(f"the log of decisions is broken: {broken}; restore it from its backup")
    if len(events) < landed or (landed and events[landed - 1].hash != head):
        raise DecisionError(
            f"the log of decisions was written anew: its event {landed} is not the one that an earlier run archived; "
            "restore it from its backup"
        )
