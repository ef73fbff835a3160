"""The worklist as a workbook: what is to be done, one sheet per owner, ready to be filled in by hand.

Which columns there are and what may be decided is said in ``orchestration.warehouse.worklist``.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import duckdb
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from orchestration.reports.worklist_codes import code_name, row_height, write_codes
from orchestration.settings.labels import Labels
from orchestration.warehouse.worklist import (
    ABOUT,
    ANSWERS,
    CAUSES,
    FACTS,
    FORMAT,
    KEPT,
    LONGEST,
    MOST_ROWS,
    Item,
    Origin,
    WorklistError,
    decisions_for,
    items_between,
    origin,
    safe_text,
    seal,
)

COLUMNS: Final = (*FACTS, *ANSWERS)
PLACE: Final[Mapping[str, int]] = {column.name: place for place, column in enumerate(COLUMNS)}
FROZEN: Final = 3
HEADING_HEIGHT: Final = 32
LONGEST_CELL: Final = 32_000
EXACT: Final = Decimal(10) ** 13
"""From here on a spreadsheet's numbers lose the cent."""
EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - the calendar of spreadsheets has no zones
A3: Final = 8
PAGES_WIDE: Final = 2
SEVERITIES: Final[Mapping[str, tuple[str, str]]] = {
    "S1": ("#FFC7CE", "#9C0006"),
    "S2": ("#FFDDB3", "#974706"),
    "S3": ("#FFF2CC", "#7F6000"),
    "S4": ("#E7E6E6", "#595959"),
}
NUMBERS: Final[Mapping[str, str]] = {
    "text": "@",
    "long": "@",
    "money": "#,##0.00;[Red]-#,##0.00",
    "count": "0",
    "day": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
}
ALIGNED: Final[Mapping[str, Mapping[str, Any]]] = {
    "money": {"align": "right"},
    "count": {"align": "center"},
    "day": {"align": "center"},
    "time": {"align": "center"},
}


@dataclass(frozen=True, slots=True)
class Written:
    """What a workbook holds: rows by owner."""

    path: Path
    rows: Mapping[str, int]


def write_worklist(
    snapshot: duckdb.DuckDBPyConnection, path: Path, words: Labels, first: date | None = None, last: date | None = None
) -> Written:
    """Writes the workbook, whole or not at all; times are those of the connection's time zone."""
    made = origin(snapshot)
    items = items_between(snapshot, first, last)
    if len(items) > MOST_ROWS:
        raise WorklistError(
            f"{len(items)} exceptions are more than one workbook takes ({MOST_ROWS}): narrow them with --from and --to"
        )
    return _write_book(items, made, path, words)


def write_worklists(snapshot: duckdb.DuckDBPyConnection, folder: Path, words: Labels) -> Mapping[str, Path]:
    """A workbook for each owner, ``exceptions-<owner>.xlsx``, which is taken in like the one of all owners.

    An owner with more rows than a workbook takes gets the gravest of them.
    """
    made = origin(snapshot)
    written = {}
    for owner, items in sorted(_by_owner(items_between(snapshot, None, None)).items()):
        path = folder / f"exceptions-{re.sub(r'[^A-Za-z0-9_-]', '_', owner) or 'nobody'}.xlsx"
        written[owner] = _write_book(items[:MOST_ROWS], made, path, words).path
    return written


def _by_owner(items: Sequence[Item]) -> dict[str, list[Item]]:
    by_owner: dict[str, list[Item]] = {}
    for item in items:
        by_owner.setdefault(item["owner"] or "", []).append(item)
    return by_owner


def _write_book(items: Sequence[Item], made: Origin, path: Path, words: Labels) -> Written:
    by_owner = _by_owner(items)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    book = xlsxwriter.Workbook(
        str(fresh), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": words.of("text", "title"), "comments": made.run_id, "created": made.as_of})
    styles = Styles(book)
    for owner, owned in by_owner.items():
        _write_sheet(book.add_worksheet(sheet_name(owner, words)), styles, owned, words, made)
    write_codes(book, items, words, made)
    _write_about(book, made, words)
    try:
        book.close()
    except FileCreateError as error:
        raise WorklistError(f"{path} cannot be written ({error}): choose another place") from error
    fresh.replace(path)
    return Written(path, {owner: len(owned) for owner, owned in by_owner.items()})


def sheet_name(owner: str, words: Labels) -> str:
    """At most 31 characters, none of which a sheet may not have."""
    label = words.of("role", owner)
    name = owner if label == owner else f"{owner} {label}"
    return re.sub(r"[\[\]:*?/\\']", " ", name)[:31].strip() or "–"


def shown(item: Item, column: str, words: Labels) -> Any:
    """The value of a cell, as it is written."""
    if column == "name":
        return code_name(item["code"], words)
    value = item[f"{column}_zh"] if words.language == "zh" and f"{column}_zh" in item.row else item[column]
    if column == "nearest_candidates":
        value = "\n".join(_candidates(value, words))
    elif column in {"status", "level"}:
        value = words.of(column, value or "")
    elif column == "current_cause":
        value = words.of("cause", value or "")
    if isinstance(value, Decimal) and abs(value) >= EXACT:
        return f"{value:,.2f}"
    return safe_text(value)[:LONGEST_CELL] if isinstance(value, str) else value


def _candidates(found: str | None, words: Labels) -> Iterator[str]:
    for candidate in json.loads(found or "[]"):
        failed = candidate.get("failed_zh" if words.language == "zh" else "failed") or candidate["failed"]
        yield f"{candidate['key']} · {candidate['day']} · {Decimal(candidate['amount']):,.2f} · {failed}"


class Styles:
    """The formats of one workbook: a cell by kind, filled in or not."""

    def __init__(self, book: Any) -> None:
        look: Mapping[str, Any] = {"font_size": 10, "valign": "top", "border": 1, "border_color": "#D9D9D9"}
        heading = {"bold": True, "font_color": "white", "text_wrap": True, "valign": "vcenter", "border": 1}
        self.fact_heading = book.add_format({**heading, "bg_color": "#1F3864"})
        self.answer_heading = book.add_format({**heading, "bg_color": "#BF8F00"})
        # a quote before every text: no program takes it for a formula, also after someone has touched the cell
        shapes = {
            kind: {
                **look,
                "num_format": number,
                "text_wrap": kind == "long",
                "quote_prefix": number == "@",
                **ALIGNED.get(kind, {"align": "left", "indent": 1}),
            }
            for kind, number in NUMBERS.items()
        }
        self.fact = {kind: book.add_format(shape) for kind, shape in shapes.items()}
        self.answer = {
            kind: book.add_format({**shape, "bg_color": "#FFFBE6", "locked": False}) for kind, shape in shapes.items()
        }
        self.severity = {
            name: book.add_format({"bg_color": back, "font_color": front, "bold": True})
            for name, (back, front) in SEVERITIES.items()
        }
        self.overdue = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "bold": True})
        self.due_soon = book.add_format({"bg_color": "#FFDDB3", "font_color": "#974706"})
        self.decided = book.add_format({"bg_color": "#E2F0D9"})


def _write_sheet(sheet: Any, styles: Styles, items: Sequence[Item], words: Labels, made: Origin) -> None:
    """One owner's rows under a frozen heading."""
    last, hidden = len(items), len(COLUMNS)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
    sheet.set_column(hidden, hidden + len(KEPT) - 1, 12, None, {"hidden": True})
    sheet.set_row(0, HEADING_HEIGHT)
    for place, column in enumerate(COLUMNS):
        look = styles.answer_heading if column in ANSWERS else styles.fact_heading
        sheet.write_string(0, place, words.of("column", column.name), look)
    for place, name in enumerate(KEPT, hidden):
        sheet.write_string(0, place, name)
    for line, item in enumerate(items, 1):
        cells = [shown(item, column.name, words) for column in FACTS]
        long = [(cell, column.width) for column, cell in zip(FACTS, cells, strict=True) if column.kind == "long"]
        sheet.set_row(line, row_height(long))
        for place, (column, value) in enumerate(zip(FACTS, cells, strict=True)):
            _write_cell(sheet, line, place, value, styles.fact[column.kind])
        for place, column in enumerate(ANSWERS, len(FACTS)):
            sheet.write_blank(line, place, None, styles.answer[column.kind])
        kept = (item["exception_id"], item.fingerprint, seal(item["exception_id"], item.fingerprint, cells))
        for place, text in enumerate(kept, hidden):
            sheet.write_string(line, place, text)
    sheet.freeze_panes(1, FROZEN)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    _colour(sheet, styles, last, made)
    _offer(sheet, items, words)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(PAGES_WIDE, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, FROZEN - 1)


def _write_cell(sheet: Any, line: int, place: int, value: Any, look: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, place, None, look)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, look)
    elif isinstance(value, Decimal | int):
        sheet.write_number(line, place, value, look)
    else:
        sheet.write_string(line, place, str(value), look)


def _colour(sheet: Any, styles: Styles, last: int, made: Origin) -> None:
    """Colours by severity and deadline as rules, so that they follow whatever the program does with the rows."""
    severity, due, action = (_letter(PLACE[name]) for name in ("severity", "due_at", "action"))
    now = (made.as_of - EPOCH).total_seconds() / 86_400
    for name, look in styles.severity.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{name}"', "format": look}
        sheet.conditional_format(f"{severity}2:{severity}{last + 1}", rule)
    for until, look in ((now, styles.overdue), (now + 1, styles.due_soon)):
        rule = {
            "type": "formula",
            "criteria": f'=AND(${due}2<>"",${due}2<{until:.6f})',
            "format": look,
            "stop_if_true": True,
        }
        sheet.conditional_format(f"{due}2:{due}{last + 1}", rule)
    decided = {"type": "formula", "criteria": f'=${action}2<>""', "format": styles.decided}
    sheet.conditional_format(f"A2:{_letter(len(COLUMNS) - 1)}{last + 1}", decided)


def _offer(sheet: Any, items: Sequence[Item], words: Labels) -> None:
    """Drop-downs and limits in the cells that people fill in."""
    line = 1
    for (code, status), run in groupby(items, key=lambda item: (item["code"], item["status"])):
        count = len(list(run))
        offered = [words.of("action", name) for name in decisions_for(code, status)]
        _validate(sheet, "action", (line, line + count - 1), words, {"validate": "list", "source": offered})
        line += count
    most = f"=${_letter(PLACE['open_amount'])}2"
    rules: Mapping[str, Mapping[str, Any]] = {
        "amount": {"validate": "decimal", "criteria": "between", "minimum": 0.01, "maximum": most},
        "posted_on": {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1)},
        "cause": {"validate": "list", "source": [words.of("cause", name) for name in CAUSES]},
        **{name: {"validate": "length", "criteria": "<=", "value": most} for name, most in LONGEST.items()},
    }
    for name, rule in rules.items():
        _validate(sheet, name, (1, len(items)), words, rule)


def _validate(sheet: Any, name: str, lines: tuple[int, int], words: Labels, rule: Mapping[str, Any]) -> None:
    said = {"input_title": words.of("column", name), "input_message": words.of("hint", name)}
    wrong = {"error_title": words.of("column", name), "error_message": words.of("hint", name)}
    sheet.data_validation(lines[0], PLACE[name], lines[1], PLACE[name], {**rule, **said, **wrong})


def _write_about(book: Any, made: Origin, words: Labels) -> None:
    """The hidden sheet: of which snapshot this is."""
    sheet = book.add_worksheet(ABOUT)
    facts = {
        "format": FORMAT,
        "run_id": made.run_id,
        "as_of": made.as_of.isoformat(),
        "head": made.head,
        "language": words.language,
    }
    for line, (name, value) in enumerate(facts.items()):
        sheet.write_string(line, 0, name)
        sheet.write_string(line, 1, value)
    sheet.protect()
    sheet.hide()


def _letter(place: int) -> str:
    return str(xlsxwriter.utility.xl_col_to_name(place))
