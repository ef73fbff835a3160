"""A worklist as those who write it and those who read it back both know it: its columns, what may be decided, its rows.

A workbook has one sheet per owner with a row per exception, and a hidden sheet that says of which snapshot it is.
Nothing here opens a workbook.
"""

import csv
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal

import duckdb

from orchestration.warehouse.build import PROJECT_DIR

Kind = Literal["text", "long", "money", "count", "day", "time"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet; ``width`` in characters. Its heading is the label of its name."""

    name: str
    kind: Kind = "text"
    width: int = 12


FACTS: Final = (
    Column("code", width=7),
    Column("name", width=20),
    Column("severity", width=9),
    Column("status", width=10),
    Column("due_at", "time", 17),
    Column("days_open", "count", 10),
    Column("business_date", "day"),
    Column("entity", width=11),
    Column("store", width=18),
    Column("account", width=16),
    Column("level", width=21),
    Column("order_no", width=22),
    Column("left_key", "long", 32),
    Column("left_amount", "money", 14),
    Column("right_key", "long", 32),
    Column("right_amount", "money", 14),
    Column("difference", "money", 14),
    Column("currency", width=8),
    Column("open_amount", "money", 14),
    Column("explanation", "long", 46),
    Column("nearest_candidates", "long", 52),
    Column("suggested_action", "long", 28),
    Column("current_cause", width=13),
    Column("current_assignee", width=13),
)
"""What a row shows. Nobody may change it."""
ANSWERS: Final = (
    Column("action", width=19),
    Column("amount", "money", 14),
    Column("posted_on", "day", 13),
    Column("key", width=22),
    Column("cause", width=17),
    Column("assignee", width=13),
    Column("note", "long", 36),
)
"""What people fill in."""
KEPT: Final = ("exception_id", "fingerprint", "seal")
"""Hidden columns under these very headings, whatever the language."""
RESULTS: Final = ("result", "reason")
"""What an answer file adds."""
ABOUT: Final = "tieout"
"""The hidden sheet: rows of a name and a value."""
FORMAT: Final = "worklist 1"
SEAL: Final = 6
"""Digits per cell."""
MOST_ROWS: Final = 50_000
LARGEST: Final = Decimal(10) ** 16
"""What DECIMAL(18, 2) holds is below."""
LONGEST: Final[Mapping[str, int]] = {"key": 200, "assignee": 100, "note": 1000}
"""Characters that people may write."""

TO_DO: Final = ("open", "acknowledged", "proposed", "approved")
"""The states of exceptions that somebody works on."""
FINGERPRINTED: Final = (
    *("code", "level", "entity", "store", "account", "order_no", "left_key", "left_amount", "right_key"),
    *("right_amount", "difference", "currency", "open_amount", "business_date"),
)
"""If one of these changes, a decision was made about something else. Days open and candidates may move on."""


@dataclass(frozen=True, slots=True)
class Action:
    """What a decision needs filled in and what else it takes; a cause and a note go with every one."""

    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


ACTIONS: Final[Mapping[str, Action]] = {
    "accept_timing": Action(needs=("posted_on",)),
    "manual_match": Action(needs=("key",)),
    "split": Action(needs=("amount", "key")),
    "link": Action(needs=("key",)),
    "map": Action(needs=("key",)),
    "correct": Action(needs=("key", "note")),
    "write_off": Action(needs=("note",), takes=("amount", "posted_on")),
    "dispute": Action(needs=("key", "posted_on")),
    "cause": Action(needs=("cause",)),
    "assign": Action(needs=("assignee",)),
    "reject": Action(needs=("note",)),
    "snooze": Action(needs=("posted_on",)),
    "reverse": Action(needs=("note",)),
}
ON_EVERY_CODE: Final = ("cause", "assign", "snooze")
ON_A_DECISION: Final[Mapping[str, tuple[str, ...]]] = {"proposed": ("reject",), "approved": ("reverse",)}
CAUSES: Final = (
    *("timing", "source_error", "our_processing", "human_input", "counterparty", "rule_change", "fraud_suspected"),
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One exception to work on: the published row by column name, times local and without zone."""

    row: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        """A published value; the cause and person that a sheet shows have names of their own there."""
        return self.row[column.removeprefix("current_")]

    @property
    def fingerprint(self) -> str:
        """Digest of what a decision about this exception rests on."""
        return _digest("\x1f".join(cell_text(self[column]) for column in FINGERPRINTED), 32)


@dataclass(frozen=True, slots=True)
class Origin:
    """The run that published a snapshot. ``head``: the run ledger's last hash; ``as_of``: local, without zone."""

    run_id: str
    as_of: datetime
    head: str


class WorklistError(Exception):
    """A whole snapshot or workbook is of no use; the message says what to do."""


def origin(snapshot: duckdb.DuckDBPyConnection) -> Origin:
    """Which run the snapshot is of."""
    found = _ask(
        snapshot, "select run_id, cast(as_of as timestamp), hash from marts.run_ledger order by sequence desc limit 1"
    ).fetchall()
    if not found:
        raise WorklistError("the published snapshot names no run: run tieout run first")
    return Origin(*found[0])


def items_between(snapshot: duckdb.DuckDBPyConnection, first: date | None, last: date | None) -> Sequence[Item]:
    """What is to be done, gravest first, then code by code; both days included, a missing one leaves the end open."""
    return _items(
        snapshot,
        "status in (select unnest($states)) and ($first::date is null or business_date >= $first)"
        " and ($last::date is null or business_date <= $last)",
        {"states": TO_DO, "first": first, "last": last},
    )


def items_named(snapshot: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> Mapping[str, Item]:
    """The exceptions of these numbers, whatever their state."""
    found = _items(snapshot, "exception_id in (select unnest($ids::varchar[]))", {"ids": list(ids)})
    return {item["exception_id"]: item for item in found}


def decisions_for(code: str, status: str) -> tuple[str, ...]:
    """The actions allowed for an exception: by its code, or, once something is decided, only what undoes that."""
    if status in ON_A_DECISION:
        return ON_A_DECISION[status]
    return (*code_rows()[code]["actions"].split(), *ON_EVERY_CODE) if status in TO_DO else ()


@cache
def code_rows() -> Mapping[str, Mapping[str, str]]:
    """The table of exception codes, by code."""
    with (PROJECT_DIR / "seeds" / "exception_codes.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def seal(exception_id: str, fingerprint: str, cells: Sequence[Any]) -> str:
    """Some digits of a digest per shown cell: they tell which cell of a row is not what was written."""
    return "".join(_seals(exception_id, fingerprint, cells))


def changed_cells(exception_id: str, fingerprint: str, cells: Sequence[Any], sealed: str) -> Sequence[int]:
    """The places of the cells that the seal does not know."""
    fresh = _seals(exception_id, fingerprint, cells)
    return [place for place, own in enumerate(fresh) if own != sealed[place * SEAL : (place + 1) * SEAL]]


def _seals(exception_id: str, fingerprint: str, cells: Sequence[Any]) -> Sequence[str]:
    before = f"{exception_id}\x1f{fingerprint}"
    return [_digest(f"{before}\x1f{place}\x1f{cell_text(cell)}", SEAL) for place, cell in enumerate(cells)]


def cell_text(value: Any) -> str:
    """One text per value, however a spreadsheet keeps it: a day is a midnight, a whole number has no point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (value + timedelta(seconds=30)).isoformat(timespec="minutes")[:16]
    if isinstance(value, date):
        return datetime.combine(value, time()).isoformat(timespec="minutes")
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST:
        return format(Decimal(str(value)).quantize(Decimal("0.000001")).normalize() + 0, "f")
    return safe_text(str(value)).strip()


def safe_text(text: str) -> str:
    """Without the control characters that no workbook keeps; line ends as one."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]", " ", text.replace("\r\n", "\n"))


def _items(snapshot: duckdb.DuckDBPyConnection, where: str, facts: Mapping[str, Any]) -> Sequence[Item]:
    answer = _ask(
        snapshot,
        f"select * replace (cast(due_at as timestamp) as due_at) from marts.exceptions where {where}"
        " order by severity, code, due_at nulls last, amount desc, exception_id",
        facts,
    )
    names = [column[0] for column in answer.description or ()]
    found = [Item(dict(zip(names, row, strict=True))) for row in answer.fetchall()]
    if not set(FINGERPRINTED) <= set(names):
        raise WorklistError("the published snapshot was written by an older version: run tieout run")
    return found


def _ask(
    snapshot: duckdb.DuckDBPyConnection, sql: str, facts: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    try:
        return snapshot.execute(sql, dict(facts or {}))
    except duckdb.CatalogException as error:
        raise WorklistError("the published snapshot has no exceptions yet: run tieout run first") from error


def _digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]
