"""The archived rule tables, proven against the archived log: what counts is what two people approved before it.

Nothing of the decision store is used; whoever has the archive can do this. A table that nobody has approved yet is not
judged here: it counts as it was first received.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from orchestration.landing import Archive
from orchestration.landing.tables import DECISIONS, RULES
from orchestration.proof.decisions import LARGEST_CELL, Row, is_signed, is_unsigned
from orchestration.proof.finding import Finding
from orchestration.settings.rules import read_rules

GUARANTEE: Final = "no rule counts that one person alone has changed"
PEOPLE: Final = "people"
ROLES: Final = frozenset({"supervisor", "FM"})


class Approvals:
    """What two people have approved so far, going through the archive in its order."""

    def __init__(self) -> None:
        self.tables: dict[str, tuple[str, Sequence[Row]]] = {}
        self.people: Mapping[str, Row] = {}
        self._keys: dict[str, str] = {}
        self._proposals: dict[str, tuple[Row, Mapping[str, Any]]] = {}
        self._done: set[str] = set()

    def hear(self, event: Row) -> None:
        """One event of the log, in order."""
        person = self.people.get(event["person"])
        facts = json.loads(event["content"])
        shown = facts.get("public_key", "")
        if person is None or event["decision_id"] in self._done:
            return
        own = person.get("public_key") or (self._keys.setdefault(event["person"], shown) if shown else "")
        if "rule_table" not in facts or not (is_unsigned(event) or (own == shown and is_signed(event, shown))):
            return
        if event["kind"] == "proposed":
            self._proposals.setdefault(event["decision_id"], (event, facts))
            return
        proposal, said = self._proposals.get(event["decision_id"], (None, {}))
        if proposal is None or facts.get("proposal") != proposal["hash"]:
            return
        table = said["rule_table"]
        needed = {"FM"} if table == PEOPLE else ROLES
        if event["kind"] == "rejected":
            self._done.add(event["decision_id"])
        elif event["person"] != proposal["person"] and needed & set(_words(person["roles"])):
            self._done.add(event["decision_id"])
            self.tables[table] = (event["decision_id"], _filled(said["rows"]))
            if table == PEOPLE:
                self.people = {row["person"]: {"roles": "", **row} for row in said["rows"]}


def prove_rules(archive: Archive) -> Iterator[Finding]:
    """Every archived rule table that differs from the last one of its name that two people had approved by then."""
    approvals, count = Approvals(), 0
    csv.field_size_limit(LARGEST_CELL)
    for entry in archive.entries():
        if entry.connection == DECISIONS:
            text = archive.path_of(entry).read_text(encoding="utf-8")
            for event in csv.DictReader(StringIO(text, newline="")):
                if int(event["sequence"]) == count + 1:
                    count += 1
                    approvals.hear(event)
        elif entry.connection == RULES:
            rows = _rows(entry.stream, archive.path_of(entry))
            number, approved = approvals.tables.get(entry.stream, ("", rows))
            if rows != approved:
                detail = (
                    f"manifest entry {entry.sequence}: {entry.stream} is not what decision {number} approved; "
                    f"differing: {', '.join(_differing(rows, approved))}"
                )
                yield Finding("rules", GUARANTEE, detail)
            if entry.stream == PEOPLE and not approvals.tables.get(PEOPLE):
                approvals.people = {row["person"]: {"roles": "", **row} for row in rows}


def _rows(table: str, path: Path) -> Sequence[Row]:
    return _filled(row for _, row in read_rules(table, path, path.read_bytes()))


def _filled(rows: Iterable[Row]) -> Sequence[Row]:
    """Without empty cells, in the order of their names."""
    kept = [{column: cell for column, cell in row.items() if cell} for row in rows]
    return sorted(kept, key=_key)


def _differing(rows: Iterable[Row], approved: Iterable[Row]) -> Sequence[str]:
    one, other = ({_key(row): row for row in side} for side in (rows, approved))
    return sorted(key for key in {*one, *other} if one.get(key) != other.get(key))


def _key(row: Row) -> str:
    return row.get("rule_id") or row.get("person") or ""


def _words(roles: str) -> Sequence[str]:
    return roles.replace(",", " ").replace(";", " ").split()
