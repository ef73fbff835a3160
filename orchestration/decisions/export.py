"""From the log into the archive: what is new in it, chained as it stands there. SQL knows decisions only from there."""

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime

from orchestration.decisions.event import DecisionError, Event, first_break
from orchestration.decisions.people import people_of
from orchestration.decisions.signing import signed_by_their_persons
from orchestration.decisions.store import store_of
from orchestration.landing import Archive, BrokenArchive, LandingReport
from orchestration.landing.entry import FIRST
from orchestration.landing.tables import DECISIONS, land_decisions
from orchestration.settings import Settings


def land_events(archive: Archive, settings: Settings, today: date, now: datetime) -> LandingReport:
    """Archive the events that no run has seen yet, each with the word whether its person signed it.

    Raises DecisionError where the log is not the one that was archived before, continued.
    """
    events = store_of(settings).events()
    landed, head = _landed(archive)
    _check(events, landed, head)
    valid = signed_by_their_persons(events, people_of(settings), landed)
    rows = [(*astuple(event), str(is_own).lower()) for event, is_own in zip(events[landed:], valid, strict=True)]
    stated = {"rows": str(len(rows)), "last": str(len(events)), "head": events[-1].hash if events else FIRST}
    return land_decisions(archive, rows, stated, today, now)


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
