"""What can be decided, and what somebody asks for: refused in one sentence where it is not said as it must be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from orchestration.decisions.event import DecisionError


@dataclass(frozen=True, slots=True)
class Action:
    """The facts that a decision cannot do without, and those it also takes; a cause and a note go with every one."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


ACTIONS: Final[Mapping[str, Action]] = {
    "accept_timing": Action(("posted_on",)),
    "manual_match": Action((), ("key",)),
    "unmatch": Action(("note",)),
    "split": Action(("amount",), ("key",)),
    "link": Action(("key",)),
    "map": Action(("key",)),
    "correct": Action(("key", "note")),
    "write_off": Action(("note",), ("amount", "posted_on")),
    "dispute": Action(("posted_on", "note"), ("key",)),
    "cause": Action(("cause",)),
    "assign": Action(("assignee",)),
    "reverse": Action(("note",)),
    "lock": Action(("note",)),
    "reopen": Action(("note",)),
}
"""What can be decided."""
CAUSES: Final = (
    *("timing", "source_error", "our_processing", "human_input", "counterparty", "rule_change", "fraud_suspected"),
    "unknown",
)
NOTE_LENGTH: Final = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to decide about some exceptions; about a decision where ``action`` is ``reverse``."""

    action: str
    amount: Decimal | None = None
    posted_on: date | None = None
    cause: str | None = None
    note: str | None = None
    assignee: str | None = None
    key: str | None = None


def check(asked: Asked) -> None:
    """Raise DecisionError for what lacks a fact, or has one that says nothing."""
    if asked.action == "snooze":
        raise DecisionError("a message is snoozed, never a record: tieout alerts snooze INCIDENT --until DAY")
    if asked.action not in ACTIONS:
        raise DecisionError(f"--action {asked.action!r} is not known; possible are {', '.join(ACTIONS)}")
    action = ACTIONS[asked.action]
    for needed in action.needs:
        given = getattr(asked, needed)
        if given is None or not str(given).strip():
            why = " says why: give" if needed == "note" else " needs"
            raise DecisionError(f"{asked.action}{why} --{needed.replace('_', '-')}")
    for given in ("amount", "posted_on", "assignee", "key"):
        if getattr(asked, given) is not None and given not in (*action.needs, *action.takes):
            raise DecisionError(f"--{given.replace('_', '-')} says nothing in a decision to {asked.action}")
    if asked.cause is not None and asked.cause not in CAUSES:
        raise DecisionError(f"--cause {asked.cause!r} is not known; allowed are {', '.join(CAUSES)}")
    if asked.note is not None and (len(asked.note) > NOTE_LENGTH or re.search(r"[\x00-\x1f]", asked.note)):
        raise DecisionError(f"--note is one line of at most {NOTE_LENGTH} letters")
