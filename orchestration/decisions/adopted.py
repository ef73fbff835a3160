"""Which version of a rule table counts: the last one that two people approved, as the log of decisions tells it.

Where there is no table ``people`` nobody can approve anything, and every table counts as it lies. Where there is one, a
table that was never approved counts as it was first received, and one that is only shipped as it is shipped.
An approval counts by the people that were approved before it: the first people are those of the founding.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from orchestration.decisions.event import Event
from orchestration.decisions.person import people_in
from orchestration.decisions.signing import is_signed, is_unsigned
from orchestration.landing import Archive, Entry
from orchestration.landing.entry import canonical
from orchestration.landing.tables import RULES, SHIPPED
from orchestration.settings import RULE_COLUMNS, Settings, rule_tables
from orchestration.settings.rules import ROW_COLUMNS, read_rules

PEOPLE: Final = "people"
ABOUT_RULES: Final = '"rule_table"'
"""What stands in the content of every event about a rule table, and of no other."""
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Adopted:
    """A rule table as two people approved it. ``sequence``: of the approval in the log."""

    table: str
    rows: tuple[Row, ...]
    sequence: int
    decision_id: str
    maker: str
    checker: str


@dataclass(frozen=True, slots=True)
class InForce:
    """``tables``: the bytes that count, by name; ``unapproved``: rows that lie there and do not count, or the reverse.

    ``unconfirmed``: tables that count as they were first received, though nobody has approved them.
    """

    tables: Mapping[str, bytes]
    unapproved: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a table's row, in their order; they are what is approved."""
    own = RULE_COLUMNS[table]
    return own if table == PEOPLE else tuple(dict.fromkeys((ROW_COLUMNS[0], *own, *ROW_COLUMNS)))


def key_of(table: str, row: Row) -> str:
    """By which a row is known."""
    return row["person"] if table == PEOPLE else row["rule_id"]


def plain(table: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows with their own columns only, cells as they are."""
    columns = columns_of(table)
    return tuple({column: row.get(column, "") for column in columns} for row in rows)


def filled(rows: Iterable[Row]) -> list[dict[str, str]]:
    """The rows without their empty cells, as they are written down: a column that is added later changes none."""
    return [{column: cell for column, cell in row.items() if cell} for row in rows]


def version_of(rows: Iterable[Row]) -> str:
    """A digest of the rows' content."""
    return hashlib.sha256(canonical({"rows": filled(rows)}).encode()).hexdigest()


def as_csv(table: str, rows: Iterable[Row]) -> bytes:
    """The rows as a rule table."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns_of(table), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def adoptions(events: Sequence[Event], founders: Sequence[Row]) -> Iterator[Adopted]:
    """Every approval of a rule table that counts, in the order of the log."""
    people = people_in(founders)
    keys: dict[str, str] = {}
    waiting: dict[str, tuple[Event, Mapping[str, Any]]] = {}
    done: set[str] = set()
    for event in events:
        person = people.get(event.person)
        is_about_rules = ABOUT_RULES in event.content
        if person is None or not (is_about_rules or event.person not in keys):
            continue
        facts = event.facts
        shown = str(facts.get("public_key", ""))
        own = person.public_key or (keys.setdefault(event.person, shown) if shown else keys.get(event.person, ""))
        if not is_about_rules or event.decision_id in done:
            continue
        if not is_unsigned(event) and (own != shown or not is_signed(event, own)):
            continue
        if event.kind == "proposed":
            waiting.setdefault(event.decision_id, (event, facts))
            continue
        proposal, said = waiting.get(event.decision_id, (event, facts))
        if proposal is event or facts.get("proposal") != proposal.hash:
            continue
        table = str(said["rule_table"])
        if event.kind == "rejected":
            done.add(event.decision_id)
        elif event.person != proposal.person and proposal.person in people and person.may_adopt(table):
            done.add(event.decision_id)
            rows = plain(table, said["rows"])
            if table == PEOPLE:
                people = people_in(rows)
            yield Adopted(table, rows, event.sequence, event.decision_id, proposal.person, event.person)


def founders(settings: Settings, archive: Archive, events: Sequence[Event]) -> tuple[Row, ...] | None:
    """The people before anybody approved any: the first archived, else those of the founding, else those of the file.

    None where there is no such table.
    """
    for entry in _entries(archive):
        if entry.stream == PEOPLE:
            return plain(PEOPLE, _archived(archive, entry))
    if events and events[0].kind == "proposed" and ABOUT_RULES in events[0].content:
        facts = events[0].facts
        if facts.get("rule_table") == PEOPLE and facts.get("is_founding"):
            return plain(PEOPLE, facts["rows"])
    path = rule_tables(settings.rules_dir).get(PEOPLE)
    return plain(PEOPLE, (row for _, row in read_rules(PEOPLE, path))) if path else None


def people_in_force(settings: Settings, archive: Archive, events: Sequence[Event]) -> tuple[Row, ...]:
    """The people who may decide now; nobody where there is no table."""
    rows = founders(settings, archive, events)
    if rows is None:
        return ()
    for adopted in adoptions(events, rows):
        if adopted.table == PEOPLE:
            rows = adopted.rows
    return rows


def in_force(
    settings: Settings, archive: Archive, events: Sequence[Event], tables: Iterable[str] = tuple(RULE_COLUMNS)
) -> InForce:
    """What counts of these tables, and how what lies in the folder of rules differs from it."""
    lying = rule_tables(settings.rules_dir)
    bodies = {table: path.read_bytes() for table, path in lying.items()}
    first = founders(settings, archive, events)
    if first is None:
        return InForce(bodies)
    approved = {adopted.table: adopted.rows for adopted in adoptions(events, first)}
    newest = {entry.stream: entry for entry in _entries(archive)}
    found: dict[str, bytes] = {}
    unapproved: list[str] = []
    unconfirmed: list[str] = []
    for table in tables:
        there = _rows(table, lying[table], bodies[table]) if table in lying else ()
        if table in approved:
            counting: Sequence[Row] = approved[table]
            found[table] = bodies[table] if table in bodies and there == counting else as_csv(table, counting)
        elif table in newest:
            entry = newest[table]
            if _is_shipped(settings, table) and entry.stated.get(SHIPPED):
                found[table], counting = bodies[table], there
            else:
                counting = plain(table, _archived(archive, entry))
                is_same = table in bodies and there == counting
                found[table] = bodies[table] if is_same else archive.path_of(entry).read_bytes()
        elif table in bodies:
            found[table], counting = bodies[table], there
        else:
            continue
        unapproved += _differences(table, there, counting)
        if table not in approved and counting and not _is_shipped(settings, table):
            unconfirmed.append(table)
    return InForce(found, tuple(unapproved), tuple(unconfirmed))


def _rows(table: str, path: Path, body: bytes) -> tuple[Row, ...]:
    return plain(table, (row for _, row in read_rules(table, path, body)))


def _is_shipped(settings: Settings, table: str) -> bool:
    """Whether nothing in the folder of rules replaces what is shipped."""
    return settings.rules_dir is None or not (settings.rules_dir / f"{table}.csv").exists()


def _differences(table: str, there: Iterable[Row], counting: Iterable[Row]) -> Iterator[str]:
    lying = {key_of(table, row): row for row in there}
    known = {key_of(table, row): row for row in counting}
    for key in sorted({*lying, *known}):
        if key not in known:
            yield f"{table} {key}: added"
        elif key not in lying:
            yield f"{table} {key}: removed"
        elif lying[key] != known[key]:
            yield f"{table} {key}: changed"


def _entries(archive: Archive) -> Iterator[Entry]:
    """The archived rule tables, in order."""
    return (entry for entry in archive.entries() if entry.connection == RULES)


def _archived(archive: Archive, entry: Entry) -> Iterator[Row]:
    path = archive.path_of(entry)
    return (row for _, row in read_rules(entry.stream, path, path.read_bytes()))
