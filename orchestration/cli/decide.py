"""``tieout decide``, ``approve`` and ``reject``: what one person says and another confirms."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from orchestration.cli.edge import DONE, UsageError
from orchestration.decisions import Asked, Event, approve, periods, propose, reject, subject_of
from orchestration.lib.clock import machine_now
from orchestration.settings import load


@dataclass(frozen=True, slots=True)
class Words:
    """The options of ``tieout decide`` as they were typed."""

    action: str
    amount: str | None
    posted_on: str | None
    cause: str | None
    note: str | None
    assignee: str | None
    key: str | None
    entity: str | None = None


def decide(config: Path, subjects: Sequence[str], name: str, words: Words) -> int:
    """Propose, and say by which numbers somebody else approves it."""
    from orchestration.cli.run import parse_day

    if words.amount is not None and not re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,2})?", words.amount):
        raise UsageError(f"--amount {words.amount!r} is no amount: write a plain decimal such as 12.30")
    amount = None if words.amount is None else Decimal(words.amount)
    day = parse_day("--posted-on", words.posted_on)
    asked = Asked(words.action, amount, day, words.cause, words.note, words.assignee, words.key)
    settings = load(config)
    if words.action in periods.ACTIONS:
        subjects = [subject_of(settings, subject, words.entity) for subject in subjects]
    elif words.entity is not None:
        raise UsageError("--entity says whose month is locked or taken up again, and nothing in other decisions")
    events = propose(settings, name, subjects, asked, machine_now)
    _tell(events)
    numbers = " ".join(event.decision_id for event in events)
    sys.stdout.write(f"next: somebody else says tieout approve {numbers} --as NAME; then tieout run\n")
    return DONE


def confirm(config: Path, decisions: Sequence[str], name: str, *, everything: bool) -> int:
    """Approve; with ``everything`` what is left over is told with its reason."""
    if bool(decisions) == everything:
        raise UsageError("name the decisions to approve, or give --all")
    events, left = approve(load(config), name, decisions, machine_now, everything=everything)
    _tell(events)
    for reason in left:
        sys.stderr.write(f"tieout: left: {reason}\n")
    sys.stdout.write("next: tieout run\n" if events else "nothing was waiting for this person\n")
    return DONE


def refuse(config: Path, decisions: Sequence[str], name: str, note: str) -> int:
    """Reject."""
    _tell(reject(load(config), name, decisions, note, machine_now))
    return DONE


def _tell(events: Sequence[Event]) -> None:
    for event in events:
        facts = event.facts
        about = f" {facts['action']} of {facts['exception_id']}" if event.kind == "proposed" else ""
        money = f", {facts['amount']} {facts['currency']}" if facts.get("amount") else ""
        sys.stdout.write(f"{event.kind} {event.decision_id}{about}{money}\n")
