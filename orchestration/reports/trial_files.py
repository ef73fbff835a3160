"""A trial of rules as a file: one sheet, or one list, for each kind of change."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter

from orchestration.reports.trial import Row, Trial
from orchestration.warehouse.worklist import safe_text

SHEETS: Final = (
    *("matches_by_level", "exceptions_by_code", "money", "periods", "conflicts", "matches", "exceptions", "fees"),
    "controls",
)
MOST_ROWS: Final = 1_000_000
"""A sheet holds a little more; what is beyond stands in the JSON file."""
EXACT: Final = Decimal(10) ** 13
WIDTH: Final = 18
ENDINGS: Final = (".xlsx", ".json")


def write_trial(trial: Trial, path: Path) -> Path:
    """Writes it whole or not at all; ``path`` ends in ``.xlsx`` or ``.json``. Amounts in JSON are strings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    if path.suffix.lower() == ".json":
        said = {"table": trial.table, **{name: list(getattr(trial, name)) for name in SHEETS}}
        fresh.write_text(json.dumps(said, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    else:
        _write_book(trial, fresh)
    fresh.replace(path)
    return path


def _write_book(trial: Trial, path: Path) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head, money, day = (
            book.add_format({"bold": True}),
            book.add_format({"num_format": "#,##0.00"}),
            book.add_format({"num_format": "yyyy-mm-dd"}),
        )
        formats = {Decimal: money, date: day}
        for name in SHEETS:
            rows: Sequence[Row] = getattr(trial, name)
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(rows[0] if rows else ("nothing changes",)):
                sheet.write_string(0, place, column, head)
                sheet.set_column(place, place, WIDTH)
            for line, row in enumerate(rows[:MOST_ROWS], 1):
                for place, value in enumerate(row.values()):
                    _write(sheet, (line, place), value, formats)


def _write(sheet: Any, place: tuple[int, int], value: object, formats: Mapping[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif isinstance(value, Decimal) and abs(value) < EXACT:
        sheet.write_number(*place, value, formats[Decimal])
    elif isinstance(value, int):
        sheet.write_number(*place, value)
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, formats[date])
    else:
        sheet.write_string(*place, safe_text(str(value)))
