"""The import template ``decisions``: what a person decides about exceptions, named by a number of their records.

Every line for itself becomes a proposal, or is refused with its reason.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from connectors.core.sheets import check_columns, row_of, sheet_rows
from connectors.core.text import Refused
from orchestration.decisions.asked import Asked
from orchestration.decisions.desk import propose_each
from orchestration.decisions.event import DecisionError, Event
from orchestration.decisions.people import person_of
from orchestration.decisions.store import Now
from orchestration.settings import Settings
from orchestration.warehouse.connect import connect
from orchestration.warehouse.publish import snapshot_path

STREAM: Final = "decisions"
COLUMNS: Final = (
    *("exception_code", "entity", "key", "action", "amount", "posted_on", "cause", "note"),
    *("value", "assignee"),
)
"""``value``: the other side's number, a category or FIELD=VALUE, as the action needs it."""
NEEDED: Final = ("key", "action")
AMOUNT: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?")
DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([ T]00:00:00)?")
SHOWN: Final = 5
MEANT: Final = """
    select exception_id, code, entity, coalesce(order_no, ''), amount, currency from marts.exceptions
    where
        status <> 'cleared'
        and (exception_id = $key or record_key = $key or list_contains(string_split(left_key, ' '), $key)
            or list_contains(string_split(right_key, ' '), $key))
        and ($code = '' or code = $code) and ($entity = '' or entity = $entity)
    order by code, exception_id
"""


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one line: ``decision_id`` of its proposal, or the ``reason`` why there is none."""

    line: int
    key: str
    action: str
    decision_id: str = ""
    reason: str = ""


def is_template(path: Path) -> bool:
    """Whether a file is named like the stream."""
    return path.stem.lower().startswith(STREAM) and path.suffix.lower() in {".csv", ".xlsx"}


def propose_template(settings: Settings, path: Path, name: str, now: Now, *, signed: bool = True) -> Sequence[Line]:
    """Propose every line that stands; raises DecisionError for a file that is no template."""
    person_of(settings, name)
    found: list[tuple[int, Mapping[str, str], str, Asked | None, str]] = []
    with connect(snapshot_path(settings), read_only=True) as snapshot:
        for number, row in _rows(path):
            try:
                asked = _asked(row)
                found.append((number, row, _meant(snapshot, row), asked, ""))
            except DecisionError as error:
                found.append((number, row, "", None, str(error)))
    wanted = [(exception, asked) for _, _, exception, asked, _ in found if asked is not None]
    answers = iter(propose_each(settings, name, wanted, now, signed=signed))
    told: list[Line] = []
    for number, row, _, given, reason in found:
        answer: Event | DecisionError | None = next(answers) if given is not None else None
        number_of = answer.decision_id if isinstance(answer, Event) else ""
        why = str(answer) if isinstance(answer, DecisionError) else reason
        told.append(Line(number, row["key"], row["action"], number_of, why))
    return told


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Every line with its number, of the first sheet or the one named like the stream; absent columns are empty."""
    try:
        rows = list(sheet_rows(path, path.name))
        sheets = list(dict.fromkeys(sheet for sheet, _, _ in rows))
        chosen = STREAM if STREAM in sheets else next(iter(sheets), "")
        mine = [(number, cells) for sheet, number, cells in rows if sheet == chosen]
        header = [cell.strip().lower() for cell in mine[0][1]] if mine else []
        while header and not header[-1]:
            header.pop()
        check_columns(header, path.name)
        _check_header(header, path.name)
        for number, cells in mine[1:]:
            padded = [*cells, *[""] * (len(header) - len(cells))]
            row = row_of(padded, header, path.name, number)
            yield number, {column: row.get(column, "").strip() for column in COLUMNS}
    except Refused as error:
        raise DecisionError(str(error)) from None


def _check_header(header: Sequence[str], name: str) -> None:
    missing = [column for column in NEEDED if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if missing or unknown:
        said = f"misses {', '.join(missing)}" if missing else f"has {', '.join(unknown)}"
        raise DecisionError(f"{name} {said}; the columns of a decisions file are {', '.join(COLUMNS)}")


def _asked(row: Mapping[str, str]) -> Asked:
    if row["amount"] and not AMOUNT.fullmatch(row["amount"]):
        raise DecisionError(f"amount {row['amount']!r} is no amount: write a plain decimal such as 12.30")
    if row["action"] == "reverse":
        raise DecisionError("reverse is about a decision, not a record: say it with tieout decide DECISION_ID")
    amount = Decimal(row["amount"]) if row["amount"] else None
    cause, note, assignee, value = (row[name] or None for name in ("cause", "note", "assignee", "value"))
    return Asked(row["action"], amount, _day(row["posted_on"]), cause, note, assignee, value)


def _day(text: str) -> date | None:
    if not text:
        return None
    found = DAY.fullmatch(text)
    try:
        return date.fromisoformat(found[1] if found else text)
    except ValueError:
        raise DecisionError(f"posted_on {text!r} is no day: write YYYY-MM-DD") from None


def _meant(snapshot: Any, row: Mapping[str, str]) -> str:
    """The one exception that the key names; refused where it names none, or several."""
    if not row["key"]:
        raise DecisionError("key is empty: write the number of a record, or an exception_id")
    facts = {"key": row["key"], "code": row["exception_code"], "entity": row["entity"]}
    found = snapshot.execute(MEANT, facts).fetchall()
    if not found:
        among = "".join(f" with {name} {facts[name]}" for name in ("code", "entity") if facts[name])
        raise DecisionError(f"{row['key']} is a number of no open exception{among}; see left_key and right_key")
    if len(found) > 1:
        named = ", ".join(
            f"{code} {number} ({amount} {currency})" for number, code, _, _, amount, currency in found[:SHOWN]
        )
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise DecisionError(
            f"{row['key']} is a number of several open exceptions: {named}{more}; add exception_code, or write the "
            "exception_id as key"
        )
    return str(found[0][0])
