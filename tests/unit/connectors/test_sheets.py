"""Rows of exports under their heading, and how a file is known by it."""

import zipfile
from decimal import Decimal

import openpyxl
import pytest

from connectors.core.sheets import check_columns, has_heading, row_of, sheet_rows, whole_cents
from connectors.core.text import Refused


def test_a_row_has_a_cell_for_each_column_and_empty_ones_beyond_do_not_count():
    assert {"a": "1", "b": "x"} == row_of(["`1", " x ", "", " "], ["a", "b"], "their.csv", 3)
    for cells in (["1"], ["1", "2", "3"], ["1", "2", "", "4"]):
        with pytest.raises(Refused, match=f"their.csv line 3 has {len(cells)} cells where the heading has 2; export"):
            row_of(cells, ["a", "b"], "their.csv", 3)


def test_a_heading_names_each_column_once():
    check_columns(["a", "b"], "their.csv")
    with pytest.raises(Refused, match=r"their.csv has column b twice"):
        check_columns(["a", "b", "b"], "their.csv")
    with pytest.raises(Refused, match=r"has column \(empty\) twice"):
        check_columns(["", "a", ""], "their.csv")


@pytest.mark.parametrize("text", ["", "x", "1.005", "1,000.00"])
def test_what_is_in_no_whole_cents_refuses_the_file(text):
    assert Decimal("-1.50") == whole_cents("-1.50", "fee", "their.csv", 4)
    with pytest.raises(Refused, match=r"their\.csv line 4: fee is no plain amount in whole cents; export it again"):
        whole_cents(text, "fee", "their.csv", 4)


def test_a_heading_counts_among_the_first_lines_of_a_text_or_of_any_sheet(tmp_path):
    text = tmp_path / "a.csv"
    text.write_text("x\ny\nno,amount\n", encoding="utf-8")

    def is_heading(cells):
        return cells[:1] == ["no"]

    assert has_heading(text, 3, is_heading)
    assert not has_heading(text, 2, is_heading)
    assert not has_heading(tmp_path / "absent.csv", 3, is_heading)
    book = openpyxl.Workbook()
    for _ in range(5):
        book.active.append(["x"])
    book.create_sheet("second").append(["no", "amount"])
    book.save(tmp_path / "a.xlsx")
    assert has_heading(tmp_path / "a.xlsx", 2, is_heading)


def test_an_archive_of_a_version_nobody_reads_is_a_damaged_workbook(tmp_path):
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", "y")
    body = bytearray(path.read_bytes())
    body[body.index(b"PK\x01\x02") + 6] = 182  # the version needed to unpack it
    path.write_bytes(body)
    with pytest.raises(Refused, match=r"book\.xlsx is a damaged workbook \(NotImplementedError\)"):
        list(sheet_rows(path, "book.xlsx"))
