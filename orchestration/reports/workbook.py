"""The daily report as a workbook: a sheet for each of its sections. Text stays text, whatever it begins with."""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from orchestration.reports.markdown import RunLine
from orchestration.reports.sections import Section, word
from orchestration.settings.labels import Labels
from orchestration.warehouse.worklist import safe_text

MOST_ROWS: Final = 100_000
EXACT: Final = Decimal(10) ** 13
"""From here on a spreadsheet's numbers lose the cent."""
NUMBERS: Final[Mapping[str, str]] = {
    "text": "@",
    "money": "#,##0.00;[Red]-#,##0.00",
    "count": "#,##0",
    "rate": "0.00%",
    "drift": "0.0000%",
    "day": "yyyy-mm-dd",
}
WIDTHS: Final[Mapping[str, int]] = {"text": 24, "money": 18, "count": 12, "rate": 14, "drift": 14, "day": 12}
TOP: Final = 3
"""Rows above a sheet's heading: what it is, its note, a blank one."""


def write_workbook(path: Path, run: RunLine, sections: Sequence[Section], words: Labels, days: int) -> Path:
    """Writes the workbook, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(fresh), options)
    made = word(words, "made", as_of=run.as_of.isoformat(timespec="minutes"), run_id=run.run_id)
    title = f"{word(words, 'title')} {run.first} – {run.last}"
    book.set_properties({"title": title, "comments": made, "created": run.as_of.replace(tzinfo=None)})
    looks = _looks(book)
    for section in sections:
        name = re.sub(r"[\[\]:*?/\\']", " ", word(words, f"head_{section.name}"))[:31]
        sheet = book.add_worksheet(name)
        sheet.write_string(0, 0, f"{word(words, f'head_{section.name}')} · {run.first} – {run.last}", looks["title"])
        sheet.write_string(1, 0, f"{word(words, f'note_{section.name}', days=days)} {made}", looks["note"])
        _write_rows(sheet, section, words, looks)
    book.close()
    fresh.replace(path)
    return path


def _looks(book: Any) -> Mapping[str, Any]:
    cell = {"font_size": 10, "valign": "top", "border": 1, "border_color": "#D9D9D9"}
    heading = {"bold": True, "font_color": "white", "bg_color": "#1F3864", "text_wrap": True, "border": 1}
    looks = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "note": book.add_format({"font_color": "#595959", "font_size": 9}),
        "heading": book.add_format(heading),
        "number heading": book.add_format({**heading, "align": "right"}),
    }
    for kind, number in NUMBERS.items():
        # a quote before every text: no program takes it for a formula, also after someone has touched the cell
        text = kind == "text"
        look = {**cell, "num_format": number, "align": "left" if text else "right", "quote_prefix": text}
        looks[kind] = book.add_format(look)
    return looks


def _write_rows(sheet: Any, section: Section, words: Labels, looks: Mapping[str, Any]) -> None:
    shown = section.rows[:MOST_ROWS]
    for place, column in enumerate(section.columns):
        sheet.set_column(place, place, WIDTHS[column.kind])
        look = looks["heading" if column.kind == "text" else "number heading"]
        sheet.write_string(TOP, place, word(words, column.name), look)
    for line, row in enumerate(shown, TOP + 1):
        for place, (column, value) in enumerate(zip(section.columns, row, strict=True)):
            _write_cell(sheet, line, place, value, looks[column.kind])
    sheet.freeze_panes(TOP + 1, 1)
    sheet.autofilter(TOP, 0, TOP + max(1, len(shown)), len(section.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TOP)


def _write_cell(sheet: Any, line: int, place: int, value: Any, look: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(line, place, None, look)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, look)
    elif isinstance(value, Decimal) and abs(value) >= EXACT:
        sheet.write_string(line, place, f"{value:,.2f}", look)
    elif isinstance(value, Decimal | int):
        sheet.write_number(line, place, value, look)
    else:
        sheet.write_string(line, place, safe_text(str(value)), look)
