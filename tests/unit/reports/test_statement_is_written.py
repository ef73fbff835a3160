"""The statement's workbook: what is text stays text, and every sheet holds what it was given."""

from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from orchestration.reports.statement import Content, write_statement
from orchestration.settings.labels import labels
from orchestration.warehouse.bridge import COLUMNS as BRIDGE
from orchestration.warehouse.statements import BANKS, LINES, STATEMENTS, Made, Range

MADE = Made("run-1", datetime(2026, 10, 3, 10, 30), "a" * 64, "b" * 64)  # noqa: DTZ001 - local, as a sheet shows it
NAMED = {
    "statements": (STATEMENTS, {"scope": "store:=s", "level": "order_payment", "side": "left", "state": "locked"}),
    "lines": (LINES, {"source_no": "=1+1", "amount": Decimal("0.10"), "started_on": date(2026, 9, 30)}),
    "banks": (BANKS, {"account": "@bank", "is_stated": True}),
    "bridge": (BRIDGE, {"source_no": '=HYPERLINK("x")', "change": "new", "reason": "late_file"}),
}


@pytest.fixture(params=["en", "zh"])
def book(request, tmp_path):
    """The workbook of one row per sheet, as it is read back, and its language."""
    rows = {name: [dict.fromkeys(columns) | facts] for name, (columns, facts) in NAMED.items()}
    content = Content(MADE, Range(date(2026, 9, 1), date(2026, 9, 30)), **rows, now=MADE)
    path = write_statement(tmp_path / "statement.xlsx", content, labels(request.param))
    assert [path] == list(tmp_path.iterdir())
    return openpyxl.load_workbook(path), labels(request.param)


def test_no_text_is_a_formula(book):
    cells = [cell for sheet in book[0] for row in sheet.iter_rows() for cell in row]
    assert {"=1+1", '=HYPERLINK("x")', "store:=s", "@bank"} <= {cell.value for cell in cells}
    assert [] == [cell.value for cell in cells if cell.data_type == "f"]


def test_every_heading_and_word_has_a_label_in_its_language(book):
    sheets, words = book
    for sheet, (columns, _) in zip(sheets.worksheets, NAMED.values(), strict=False):
        headings = [cell.value for cell in sheet[1]]
        assert [words.words["statement_column", name] for name in columns] == headings
    shown = {cell.value for sheet in sheets for cell in sheet[2]}
    expected = {
        ("level", "order_payment"),
        *(("statement_word", name) for name in ("left", "locked", "new", "late_file")),
    }
    assert {words.words[name] for name in expected} <= shown


def test_the_last_sheet_names_the_run_and_the_heads_of_its_chains(book):
    said = "\n".join(str(row[0].value) for row in book[0].worksheets[-1].iter_rows())
    assert "run-1" in said
    assert MADE.head in said
    assert MADE.decisions in said
