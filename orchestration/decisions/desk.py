"""Proposing, approving and rejecting: each in one sentence refused, or signed and in the log.

These checks are for the people at the desk. What a decision does is decided in SQL, by the same rules, from the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orchestration.decisions import periods, rules
from orchestration.decisions.asked import Asked, check
from orchestration.decisions.event import DecisionError, Draft, Event, Kind
from orchestration.decisions.people import Person, people_of, person_of
from orchestration.decisions.seen import Seen, bound
from orchestration.decisions.signing import is_unsigned, signed_by_their_persons, signer, without_key
from orchestration.decisions.store import Now, store_of
from orchestration.settings import Settings


@dataclass(frozen=True, slots=True)
class Case:
    """A decision as the log tells it: what was proposed, and the verdict if there is one."""

    proposal: Event
    verdict: Event | None = None

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was proposed."""
        return self.proposal.facts

    @property
    def is_effective(self) -> bool:
        """Approved; whether it stands also depends on the records."""
        return self.verdict is not None and self.verdict.kind == "approved"

    def is_covered_by(self, person: Person, base_currency: str) -> bool:
        """Whether the person's limit covers what is given up; of a rule table, whether the role may approve it."""
        if self.facts.get("action") == rules.ACTION:
            return person.may_adopt(str(self.facts.get("rule_table")))
        return person.covers(Decimal(self.facts.get("amount") or "0"), self.facts.get("currency"), base_currency)


def propose(settings: Settings, name: str, subjects: Sequence[str], asked: Asked, now: Now) -> list[Event]:
    """One proposal for each subject, or none at all; one for all of them that are matched by hand.

    Nothing takes effect before somebody else approves it.
    """
    check(asked)
    person = person_of(settings, name)
    if asked.assignee:
        person_of(settings, asked.assignee)
    seen = Seen(settings, subjects) if asked.action != "reverse" else None
    public, sign = signer(settings.data_dir, person)
    with store_of(settings).appending() as log:
        cases = cases_of(log.events, settings)
        if seen is None:
            contents = [_reversal(cases, subject) for subject in dict.fromkeys(subjects)]
        elif asked.action == "manual_match":
            contents = [seen.together(subjects, asked)]
        else:
            contents = [seen.about(subject, asked) for subject in dict.fromkeys(subjects)]
        for content in contents:
            _check_once(cases, content, asked.action)
        said = _said(asked, public)
        return [log.add(Draft("proposed", person.name, {**said, **content}), sign, now) for content in contents]


def propose_each(
    settings: Settings, name: str, wanted: Sequence[tuple[str, Asked]], now: Now, *, signed: bool = True
) -> list[Event | DecisionError]:
    """Each exception for itself: the proposal about it, or why there is none. Reversals are not among them.

    ``signed``: by the person's key; what came as a file is not, and says so.
    """
    person = person_of(settings, name)
    seen = Seen(settings, [subject for subject, _ in wanted])
    public, sign = signer(settings.data_dir, person) if signed else ("", without_key)
    found: list[Event | DecisionError] = []
    with store_of(settings).appending() as log:
        about: dict[str, dict[str, Case]] = {}
        for number, case in cases_of(log.events, settings).items():
            about.setdefault(str(case.facts["exception_id"]), {})[number] = case
        for subject, asked in wanted:
            try:
                check(asked)
                if asked.assignee:
                    person_of(settings, asked.assignee)
                content = seen.about(subject, asked)
                _check_once(about.get(subject, {}), content, asked.action)
                _check_new(about.get(subject, {}), {**_said(asked, public), **content})
            except DecisionError as error:
                found.append(error)
            else:
                found.append(log.add(Draft("proposed", name, {**_said(asked, public), **content}), sign, now))
    return found


def approve(
    settings: Settings, name: str, decisions: Sequence[str], now: Now, *, everything: bool = False
) -> tuple[list[Event], list[str]]:
    """Approve what others proposed; with ``everything`` all that this person may, and the reasons for the rest."""
    person = person_of(settings, name)
    public, sign = signer(settings.data_dir, person)
    left: list[str] = []
    with store_of(settings).appending() as log:
        cases = cases_of(log.events, settings)
        pending = [number for number, case in cases.items() if case.verdict is None and case.proposal.person != name]
        wanted = pending if everything else list(dict.fromkeys(decisions))
        about = [str(cases[number].facts["exception_id"]) for number in wanted if number in cases]
        seen = Seen(settings, [exception for exception in about if exception != "None"]).found
        taken: list[Case] = []
        for number in wanted:
            reason = _objection(cases.get(number), number, person, seen, settings.base_currency)
            if reason is None:
                two = (cases[number].proposal.person, name)
                reason = periods.unmanaged(settings, cases[number].facts, number, two)
            if reason is None and cases[number].facts["action"] == rules.ACTION:
                reason = rules.objection(settings, cases[number].proposal, log.events)
            if reason and not everything:
                raise DecisionError(reason)
            if reason:
                left.append(reason)
            else:
                taken.append(cases[number])
        events = [log.add(_verdict("approved", case, name, public, None), sign, now) for case in taken]
    rules.lay_out(settings, [event for event in events if "rule_table" in event.facts])
    return events, left


def reject(settings: Settings, name: str, decisions: Sequence[str], note: str, now: Now) -> list[Event]:
    """Reject proposals, others' or one's own; what is effective is reversed instead, which is a decision itself."""
    if not note.strip():
        raise DecisionError("a rejection says why: give --note")
    person = person_of(settings, name)
    public, sign = signer(settings.data_dir, person)
    with store_of(settings).appending() as log:
        cases = cases_of(log.events, settings)
        for number in decisions:
            _pending(cases.get(number), number)
        wanted = [cases[number] for number in dict.fromkeys(decisions)]
        return [log.add(_verdict("rejected", case, name, public, note), sign, now) for case in wanted]


def cases_of(events: Sequence[Event], settings: Settings) -> dict[str, Case]:
    """By number, with the first verdict that counts: signed, and no approval of one's own or beyond one's limit.

    What somebody said who is not among the people any more counts here as it did then.
    """
    people = people_of(settings)
    known = {event.person: people.get(event.person, Person(event.person, ("FM",), None, "")) for event in events}
    cases: dict[str, Case] = {}
    for event, is_own in zip(events, signed_by_their_persons(events, known), strict=True):
        case = cases.get(event.decision_id)
        if event.kind == "proposed" and (is_own or (is_unsigned(event) and event.person in people)):
            cases.setdefault(event.decision_id, Case(event))
        elif event.kind != "proposed" and is_own and case is not None and case.verdict is None:
            may = event.kind == "rejected" or (
                event.person != case.proposal.person and case.is_covered_by(known[event.person], settings.base_currency)
            )
            if may and event.facts.get("proposal") == case.proposal.hash:
                cases[event.decision_id] = Case(case.proposal, event)
    return cases


def _said(asked: Asked, public: str) -> dict[str, Any]:
    return {
        "action": asked.action,
        "posted_on": asked.posted_on.isoformat() if asked.posted_on else None,
        "cause": asked.cause,
        "note": asked.note,
        "assignee": asked.assignee,
        "reference": asked.key if asked.action == "dispute" else None,
        "public_key": public,
        **({} if public else {"is_unsigned": True}),
    }


def _reversal(cases: Mapping[str, Case], number: str) -> dict[str, Any]:
    """A decision about a decision: bound to the same record, over the same money."""
    case = cases.get(number)
    if case is None:
        raise DecisionError(f"there is no decision {number}; see decision_id in decisions")
    if case.facts["action"] == rules.ACTION:
        raise DecisionError(f"decision {number} is about a rule table: propose the earlier table instead")
    if not case.is_effective or case.facts["action"] == "reverse":
        raise DecisionError(
            f"decision {number} cannot be reversed: only an approved one that is no reversal itself can"
        )
    if case.facts["action"] in periods.ACTIONS:
        raise DecisionError(f"decision {number} is about a month: --action lock or reopen decides about it anew")
    return {**bound(case.facts), **{name: case.facts[name] for name in ("amount", "currency")}, "reverses": number}


def _check_once(cases: Mapping[str, Case], content: Mapping[str, Any], action: str) -> None:
    names = ("exception_id", "reverses", "record_fingerprint")
    for number, case in cases.items():
        same = case.facts.get("action") == action and all(case.facts.get(name) == content[name] for name in names)
        if same and (case.verdict is None or (action == "reverse" and case.is_effective)):
            raise DecisionError(
                f"{content['exception_id']}: {action} is decided in {number} already; approve or reject it"
            )
    if content.get("field"):
        _check_standing(cases, content)


def _check_standing(cases: Mapping[str, Case], content: Mapping[str, Any]) -> None:
    """A field is corrected once at a time: SQL lets the first correction stand until it is reversed."""
    names = ("record_type", "record_key", "field")
    taken_back = {case.facts["reverses"] for case in cases.values() if case.is_effective}
    for number, case in cases.items():
        same = all(case.facts.get(name) == content[name] for name in names)
        if same and case.is_effective and number not in taken_back:
            raise DecisionError(f"{content['field']} of this record is corrected in {number} already: reverse it first")


def _check_new(cases: Mapping[str, Case], said: Mapping[str, Any]) -> None:
    """A file that is brought once more says word for word what its action's last decision says already."""
    last = [item for item in cases.items() if item[1].is_effective and item[1].facts["action"] == said["action"]][-1:]
    for number, case in last:
        if case.facts == said:
            raise DecisionError(f"{said['exception_id']}: exactly this is decided in {number} already")


def _pending(case: Case | None, number: str) -> Case:
    if case is None:
        raise DecisionError(f"there is no decision {number}; see decision_id in decisions")
    if case.verdict is not None:
        raise DecisionError(f"decision {number} was {case.verdict.kind} by {case.verdict.person} already")
    return case


def _objection(
    case: Case | None, number: str, person: Person, seen: Mapping[str, Mapping[str, Any]], base_currency: str
) -> str | None:
    """Why this person may not approve it now; None when nothing speaks against it."""
    try:
        facts = _pending(case, number).facts
    except DecisionError as error:
        return str(error)
    if case is not None and case.proposal.person == person.name:
        return f"decision {number} is {person.name}'s own: somebody else must approve it"
    if case is not None and not case.is_covered_by(person, base_currency):
        shown = f"{facts['amount']} {facts['currency']}" if facts["amount"] else "any decision"
        return f"decision {number}: {person.name} may not approve {shown}; a person with a higher limit must"
    if facts["action"] == rules.ACTION:
        return None
    found = seen.get(str(facts["exception_id"]))
    is_of_rows = facts["action"] == "unmatch"  # it is bound to the rows of the match, which SQL compares
    if (
        not facts["reverses"]
        and not is_of_rows
        and (found is None or found["record_fingerprint"] != facts["record_fingerprint"])
    ):
        return f"decision {number} was made about what is no longer so: reject it, and decide anew"
    return None


def _verdict(kind: Kind, case: Case, name: str, public: str, note: str | None) -> Draft:
    """About just this proposal: its hash covers it to the last letter."""
    content = {
        "proposal": case.proposal.hash,
        "record_fingerprint": case.facts.get("record_fingerprint"),
        "note": note,
        "public_key": public,
    }
    if case.facts.get("action") == rules.ACTION:
        content["rule_table"] = case.facts["rule_table"]
    return Draft(kind, name, content, case.proposal.decision_id)
