"""A month of an entity as the subject of a decision: ``period:HQ:2026-10``, locked or taken up again.

What is signed is the digest over all statements of the month as they are published. One of the two people answers for
the books: the role FM.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import duckdb

from orchestration.decisions.event import DecisionError
from orchestration.decisions.people import people_of
from orchestration.settings import Settings

ACTIONS: Final = ("lock", "reopen")
MANAGER: Final = "FM"
SUBJECT: Final = re.compile(r"period:(?P<entity>.+):(?P<month>\d{4}-(?:0[1-9]|1[0-2]))")
PERIODS: Final = """
    select
        subject as exception_id, null as code, state as status, 'period' as level, 'period' as record_type,
        entity || '|' || period as record_key, period_hash as record_fingerprint, null as currency, null as amount,
        period_end < (select max(cast(as_of as timestamptz)) from marts.run_ledger)::date as is_over
    from marts.periods where subject in (select unnest(?))
"""
LOCKED: Final = frozenset({"locked", "changed"})


def subject_of(settings: Settings, period: str, entity: str | None) -> str:
    """The subject that stands for a month; without an entity that of the only one. Raises DecisionError."""
    codes = [one.code for one in settings.entities]
    if entity is None and len(codes) != 1:
        raise DecisionError(f"--entity says whose month it is: {', '.join(codes)}")
    chosen = entity or codes[0]
    if chosen not in codes:
        raise DecisionError(f"--entity {chosen}: there is no such entity; configured are {', '.join(codes)}")
    subject = f"period:{chosen}:{period}"
    if not SUBJECT.fullmatch(subject):
        raise DecisionError(f"{period!r} is no month: write one such as 2026-10")
    return subject


def seen(connection: duckdb.DuckDBPyConnection, subjects: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """What is published about these months, as of exceptions; what is no month is not in it."""
    wanted = [subject for subject in subjects if SUBJECT.fullmatch(subject)]
    if not wanted:
        return {}
    cursor = connection.execute(PERIODS, [wanted])
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {str(row["exception_id"]): row for row in rows}


def check(found: Mapping[str, Any] | None, subject: str, action: str) -> None:
    """Whether this can be decided about it; raises DecisionError with what can."""
    is_month = SUBJECT.fullmatch(subject) is not None
    if is_month and action not in ACTIONS:
        raise DecisionError(f"{subject} is a month: it can be decided to {' or '.join(ACTIONS)} it, nothing else")
    if action in ACTIONS and not is_month:
        raise DecisionError(f"{subject} is no month; write tieout decide 2026-10 --action {action} --entity CODE")
    if not is_month:
        return
    if found is None:
        raise DecisionError(f"{subject}: no statements of it are published; see period in periods")
    if action == "lock" and found["status"] == "locked":
        raise DecisionError(f"{subject} is locked as it is; --action reopen takes it up again")
    if action == "lock" and not found["is_over"]:
        raise DecisionError(f"{subject} is not over yet: a month is locked after its last day")
    if action == "reopen" and found["status"] not in LOCKED:
        raise DecisionError(f"{subject} is not locked; there is nothing to take up again")


def unmanaged(settings: Settings, facts: Mapping[str, Any], number: str, names: Sequence[str]) -> str | None:
    """What is missing where neither of the two answers for the books; None elsewhere."""
    if facts.get("action") not in ACTIONS:
        return None
    people = people_of(settings)
    if any(MANAGER in people[name].roles for name in names if name in people):
        return None
    return f"decision {number}: a month is locked and taken up again by two people of whom one has the role {MANAGER}"
