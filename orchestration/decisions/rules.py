"""Another version of a rule table: proposed by one person, approved by another, and only then in force."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from orchestration.decisions.adopted import (
    PEOPLE,
    Adopted,
    InForce,
    adoptions,
    as_csv,
    filled,
    founders,
    in_force,
    key_of,
    plain,
    version_of,
)
from orchestration.decisions.event import DecisionError, Draft, Event
from orchestration.decisions.export import archived_events
from orchestration.decisions.person import Person, people_in
from orchestration.decisions.signing import signer, without_key
from orchestration.decisions.store import Log, Now, store_of
from orchestration.landing import Archive
from orchestration.landing.entry import canonical
from orchestration.settings import Settings, rule_tables
from orchestration.settings.rules import check_rules, read_rules

ACTION: Final = "rules"
LARGEST: Final = 900_000
"""Bytes that one proposal may carry: the table stands in the log as a whole, and an archived line ends at 2 MiB."""


def rules_that_count(archive: Archive, settings: Settings, *, archived: bool = False) -> InForce:
    """What counts of every rule table, and what lies there without approval.

    ``archived``: by the part of the log that is archived, as a run goes by it; else by all of the log.
    """
    events = archived_events(archive, settings) if archived else store_of(settings).events()
    return in_force(settings, archive, events)


def propose_rules(  # noqa: PLR0917 - the order of the desk
    settings: Settings, name: str, table: str, file: Path, note: str | None, now: Now, *, signed: bool = True
) -> Event:
    """Propose the table of ``file`` as a whole; nothing changes before somebody else approves it.

    ``signed``: by the person's key; what came as a file is not, and says so.
    """
    from orchestration.decisions.people import person_of  # noqa: PLC0415 - the people are a rule table themselves

    if settings.rules_dir is None:
        raise DecisionError(f"{settings.path.name} names no rules_dir: say where rule tables lie, rules_dir = 'rules'")
    check_rules(table, file)
    rows = plain(table, (row for _, row in read_rules(table, file)))
    person = person_of(settings, name)
    public, sign = signer(settings.data_dir, person) if signed else ("", without_key)
    with store_of(settings).appending() as log:
        counting = _rows_in_force(settings, log.events, table)
        content = {**_content(table, rows, version_of(counting), note), "public_key": public}
        if not signed:
            content["is_unsigned"] = True
        if len(canonical(content).encode()) > LARGEST:
            raise DecisionError(f"{file} is too large to be proposed at once: leave out rows whose time is over")
        if waiting := _waiting(log.events, content, person.name):
            raise DecisionError(f"{table}: exactly these rows are proposed in {waiting} already")
        if rows == counting and _is_approved(settings, log.events, table):
            raise DecisionError(f"{table}: exactly these rows are in force already")
        return log.add(Draft("proposed", person.name, content), sign, now)


def found(settings: Settings, now: Now) -> Sequence[str]:
    """Approve the rule tables that lie there, by the first person and the first FM of the table ``people``.

    Only where nobody has decided anything yet and nothing is archived. Returns the tables.
    """
    store, archive = store_of(settings), Archive(settings.data_dir)
    if settings.rules_dir is None or store.events() or archive.entries():
        return ()
    tables = {name: path for name, path in rule_tables(settings.rules_dir).items() if path.parent == settings.rules_dir}
    rows = {name: plain(name, (row for _, row in read_rules(name, path))) for name, path in tables.items()}
    maker, checker = _founders(tuple(people_in(rows.get(PEOPLE, ())).values()))
    keys = {person.name: signer(settings.data_dir, person) for person in (maker, checker)}
    with store.appending() as log:
        for table in sorted(rows, key=lambda name: (name != PEOPLE, name)):
            content = _content(table, rows[table], "", "founding")
            _found(log, {**content, "is_founding": True}, (maker, checker), keys, now)
    return tuple(rows)


def _found(
    log: Log, content: dict[str, Any], pair: tuple[Person, Person], keys: dict[str, tuple[str, Any]], now: Now
) -> None:
    (maker, checker) = pair
    public, sign = keys[maker.name]
    proposal = log.add(Draft("proposed", maker.name, {**content, "public_key": public}), sign, now)
    public, sign = keys[checker.name]
    verdict = {"proposal": proposal.hash, "rule_table": content["rule_table"], "note": "founding", "public_key": public}
    log.add(Draft("approved", checker.name, verdict, proposal.decision_id), sign, now)


def _founders(people: Sequence[Person]) -> tuple[Person, Person]:
    checkers = [person for person in people if person.may_adopt(PEOPLE)]
    makers = [person for person in people if not checkers or person != checkers[0]]
    if not checkers or not makers:
        raise DecisionError(
            "people.csv names no two persons of whom one has the role FM: nobody could approve anything"
        )
    return makers[0], checkers[0]


def objection(settings: Settings, proposal: Event, events: Sequence[Event]) -> str | None:
    """Why a proposed table may not be approved now: another version came into force since."""
    facts = proposal.facts
    table = str(facts["rule_table"])
    if facts["on"] in {"", version_of(_rows_in_force(settings, events, table))}:
        return None
    return (
        f"decision {proposal.decision_id} changes a version of {table} that is not in force any more: "
        "reject it, and propose the table anew"
    )


def lay_out(settings: Settings, decisions: Sequence[Event]) -> Sequence[Path]:
    """Write the tables that these approvals adopted into the folder of rules, where others lie; returns the files."""
    numbers = {event.decision_id for event in decisions}
    adopted = {one.table: one for one in _adopted(settings, store_of(settings).events()) if one.decision_id in numbers}
    written = []
    for table, one in adopted.items():
        path = rule_tables(settings.rules_dir).get(table)
        lying = plain(table, (row for _, row in read_rules(table, path))) if path else None
        if settings.rules_dir is None or lying == one.rows:
            continue
        settings.rules_dir.mkdir(parents=True, exist_ok=True)
        target = settings.rules_dir / f"{table}.csv"
        fresh = target.with_name(f".{target.name}.{os.getpid()}")
        fresh.write_bytes(as_csv(table, one.rows))
        fresh.replace(target)
        written.append(target)
    return written


def changes(settings: Settings, event: Event) -> Sequence[str]:
    """What a proposal changes of the table in force: row by row, what was added, removed or changed."""
    table = str(event.facts["rule_table"])
    proposed = {key_of(table, row): row for row in plain(table, event.facts["rows"])}
    counting = {key_of(table, row): row for row in _rows_in_force(settings, store_of(settings).events(), table)}
    return [
        f"{key}: {'added' if key not in counting else 'removed' if key not in proposed else 'changed'}"
        for key in sorted({*proposed, *counting})
        if proposed.get(key) != counting.get(key)
    ]


def _content(table: str, rows: Sequence[Any], on: str, note: str | None) -> dict[str, Any]:
    """``on``: the version that it replaces. What a decision about an exception says is there as well, and empty."""
    about = dict.fromkeys(
        ("exception_id", "code", "level", "record_type", "record_key", "amount", "currency", "reverses", "posted_on")
    )
    said = {"action": ACTION, "rule_table": table, "rows": filled(rows), "on": on, "note": note}
    return {**about, **said, "record_fingerprint": version_of(rows), "cause": None, "assignee": None}


def _adopted(settings: Settings, events: Sequence[Event]) -> Sequence[Adopted]:
    first = founders(settings, Archive(settings.data_dir), events)
    return tuple(adoptions(events, first)) if first is not None else ()


def _waiting(events: Sequence[Event], content: Mapping[str, Any], name: str) -> str | None:
    """The number of a proposal of just these rows by this person on which nobody has given a verdict."""
    judged = {event.decision_id for event in events if event.kind != "proposed"}
    for event in events:
        if event.kind == "proposed" and event.person == name and event.decision_id not in judged:
            facts = event.facts
            if all(facts.get(part) == content[part] for part in ("rule_table", "record_fingerprint", "on")):
                return event.decision_id
    return None


def _is_approved(settings: Settings, events: Sequence[Event], table: str) -> bool:
    return any(one.table == table for one in _adopted(settings, events))


def _rows_in_force(settings: Settings, events: Sequence[Event], table: str) -> Sequence[Any]:
    body = in_force(settings, Archive(settings.data_dir), events, (table,)).tables.get(table)
    return () if body is None else plain(table, (row for _, row in read_rules(table, Path(f"{table}.csv"), body)))
