"""The statement as a workbook: statements, lines, bank reconciliation and, of a past day, the bridge to now."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from orchestration.reports.worklist import EXACT, Styles
from orchestration.settings.labels import Labels
from orchestration.warehouse.bridge import COLUMNS as BRIDGE
from orchestration.warehouse.statements import BANKS, LINES, STATEMENTS, Made, Range, Row
from orchestration.warehouse.worklist import WorklistError, safe_text

MOST_LINES: Final = 500_000
MONEY: Final = frozenset(
    {
        *("opening", "in_amount", "out_amount", "matched", "closing", "residual", "amount", "moved", "effect"),
        *("amount_then", "amount_now", "closing_then", "closing_now", "statement_balance", "in_transit_amount"),
        *("adjusted_balance", "book_balance", "bank_only_in_amount", "bank_only_out_amount", "difference"),
    }
)
WIDE: Final[Mapping[str, int]] = {
    "scope": 26,
    "level": 22,
    "period": 23,
    "source_no": 30,
    "record_key": 44,
    "match_id": 34,
    "content_hash": 66,
    "source_file_sha256": 66,
    "statement_id": 60,
    "signed_by": 18,
}
NAMED: Final = frozenset({"level", "side", "state", "period_kind", "matched_by", "change", "reason", "record_type"})
"""Columns whose values have words in both languages."""


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into the workbook. ``bridge``: None where the statement is of now."""

    made: Made
    days: Range
    statements: Sequence[Row]
    lines: Sequence[Row]
    banks: Sequence[Row]
    bridge: Sequence[Row] | None = None
    now: Made | None = None


def write_statement(path: Path, content: Content, words: Labels) -> Path:
    """Writes the workbook, whole or not at all; no text in it is a formula."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    book = xlsxwriter.Workbook(
        str(fresh), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": words.of("statement", "title"), "comments": content.made.run_id})
    styles = Styles(book)
    sheets: list[tuple[str, Sequence[str], Sequence[Row]]] = [
        ("statements", STATEMENTS, content.statements),
        ("lines", LINES, content.lines),
        ("banks", BANKS, content.banks),
    ]
    if content.bridge is not None:
        sheets.append(("bridge", BRIDGE, content.bridge))
    for name, columns, rows in sheets:
        _write_sheet(book.add_worksheet(words.of("statement_sheet", name)), styles, columns, rows, words)
    _write_about(book, content, words)
    try:
        book.close()
    except FileCreateError as error:
        raise WorklistError(f"{path} cannot be written ({error}): choose another place") from error
    fresh.replace(path)
    return path


def shown(name: str, value: Any, words: Labels) -> Any:
    """The value of a cell, as it is written."""
    if isinstance(value, bool):
        return words.of("statement_word", "yes" if value else "no")
    if name in NAMED and isinstance(value, str):
        kind = "level" if name == "level" else "statement_word"
        return words.of(kind, value)
    if isinstance(value, Decimal) and abs(value) >= EXACT:
        return f"{value:,.2f}"
    return safe_text(value) if isinstance(value, str) else value


def _write_sheet(sheet: Any, styles: Styles, columns: Sequence[str], rows: Sequence[Row], words: Labels) -> None:
    for place, name in enumerate(columns):
        sheet.set_column(place, place, WIDE.get(name, 14 if name in MONEY else 12))
        sheet.write_string(0, place, words.of("statement_column", name), styles.fact_heading)
    for line, row in enumerate(rows, 1):
        for place, name in enumerate(columns):
            _write_cell(sheet, (line, place), shown(name, row[name], words), styles, is_money=name in MONEY)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_cell(sheet: Any, at: tuple[int, int], value: Any, styles: Styles, *, is_money: bool) -> None:
    if value is None or value == "":
        sheet.write_blank(*at, None, styles.fact["text"])
    elif isinstance(value, date):
        sheet.write_datetime(*at, value, styles.fact["day"])
    elif isinstance(value, Decimal | int):
        sheet.write_number(*at, value, styles.fact["money" if is_money else "count"])
    else:
        sheet.write_string(*at, str(value), styles.fact["text"])


def _write_about(book: Any, content: Content, words: Labels) -> None:
    """The last sheet: what this is of, how it adds up, and the heads of the chains it rests on."""
    sheet = book.add_worksheet(words.of("statement_sheet", "about"))
    sheet.set_column(0, 0, 120)
    made, now = content.made, content.now
    said = [
        words.of("statement", "title"),
        words.say("statement", "range", first=content.days.first, last=content.days.last),
        words.say("text", "made", as_of=made.as_of.isoformat(sep=" ", timespec="minutes"), run_id=made.run_id),
        words.say("text", "head", head=made.head),
        words.say("statement", "decisions", head=made.decisions or "–"),
        words.of("statement", "adds_up"),
        words.of("statement", "sides"),
        words.of("statement", "bank"),
    ]
    if now is not None:
        moment = now.as_of.isoformat(sep=" ", timespec="minutes")
        said.append(words.say("statement", "bridge", as_of=moment, run_id=now.run_id))
        said.append(words.say("text", "head", head=now.head))
    for line, sentence in enumerate(said):
        sheet.write_string(line, 0, sentence)
