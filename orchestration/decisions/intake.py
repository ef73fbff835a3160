"""From a judged worklist to the log of decisions: every row a proposal of the person who brings it, or refused."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from orchestration.decisions.asked import Asked
from orchestration.decisions.desk import Case, cases_of, propose, propose_each, reject
from orchestration.decisions.event import DecisionError
from orchestration.decisions.people import ROLE_LIMITS, people_of, person_of
from orchestration.decisions.store import Now, store_of
from orchestration.decisions.worklist import Proposal, RefusedRow, Worklist
from orchestration.settings import Settings


def highest_limit(settings: Settings, name: str) -> Decimal | None:
    """The most that anybody but this person may approve; None if one of them may approve everything."""
    person_of(settings, name)
    limits: list[Decimal | None] = [Decimal(0)]
    for person in people_of(settings).values():
        if person.name != name and person.limit_amount is not None:
            limits.append(person.limit_amount)
        elif person.name != name:
            limits += [ROLE_LIMITS[role] for role in person.roles if role in ROLE_LIMITS]
    return None if None in limits else max(limit for limit in limits if limit is not None)


def propose_worklist(settings: Settings, worklist: Worklist, name: str, now: Now) -> Worklist:
    """The same worklist after the desk has seen it: taken is now what stands in the log."""
    plain = [proposal for proposal in worklist.taken if proposal.action not in {"reject", "reverse"}]
    answers = propose_each(settings, name, [(row.exception_id, _asked(row)) for row in plain], now)
    refused = {
        row: str(answer) for row, answer in zip(plain, answers, strict=True) if isinstance(answer, DecisionError)
    }
    for row in worklist.taken:
        if row not in plain and (reason := _undone(settings, worklist, row, name, now)):
            refused[row] = reason
    return replace(
        worklist,
        taken=tuple(row for row in worklist.taken if row not in refused),
        refused=(
            *worklist.refused,
            *(RefusedRow(row.exception_id, row.sheet, row.line, (reason,)) for row, reason in refused.items()),
        ),
    )


def _asked(row: Proposal) -> Asked:
    """As it is said at the desk. Why a dispute is begun may stand in its reference alone."""
    amount = row.amount if row.action in {"write_off", "split"} else None
    day = row.posted_on if row.action in {"accept_timing", "dispute", "write_off"} else None
    note = row.note or (row.key if row.action == "dispute" else None)
    return Asked(row.action, amount, day, row.cause, note, row.assignee, row.key)


def _undone(settings: Settings, worklist: Worklist, row: Proposal, name: str, now: Now) -> str | None:
    """Reject or reverse the one decision about the exception; the reason if that cannot be."""
    meant = _meant(cases_of(store_of(settings).events(), settings), row)
    if len(meant) != 1:
        command = "reject" if row.action == "reject" else "decide --action reverse"
        return worklist.words.say("reason", "which", count=len(meant), command=command)
    try:
        if row.action == "reject":
            reject(settings, name, meant, row.note or "", now)
        else:
            propose(settings, name, meant, Asked("reverse", cause=row.cause, note=row.note), now)
    except DecisionError as error:
        return str(error)
    return None


def _meant(cases: Mapping[str, Case], row: Proposal) -> list[str]:
    """The decisions about the exception that wait, or those that took effect and are not reversed."""
    about = {number: case for number, case in cases.items() if case.facts["exception_id"] == row.exception_id}
    if row.action == "reject":
        return [number for number, case in about.items() if case.verdict is None]
    reversed_ones = {case.facts["reverses"] for case in about.values() if case.is_effective}
    return [
        number
        for number, case in about.items()
        if case.is_effective and case.facts["action"] != "reverse" and number not in reversed_ones
    ]
