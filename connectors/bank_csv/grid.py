"""An export as rows of text, whatever it is kept in: CSV in UTF-8 or GB18030, old XLS, XLSX."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlrd

from connectors.core.sheets import check_archive
from connectors.core.text import DAMAGED, Refused, encoding_of, opened, text_lines

XLS = b"\xd0\xcf\x11\xe0"
XLSX = b"PK\x03\x04"
LARGEST_CELL = 100_000
LARGEST_SHEET = 64 * 1024 * 1024
MOST_ROWS = 1_000_000


def grid(path: Path, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not empty."""
    with path.open("rb") as raw:
        start = raw.read(4)
    if start == XLS:
        yield from _xls(path, name)
    elif start == XLSX:
        yield from _xlsx(path, name)
    else:
        yield from _csv(path, name, delimiter)


def _csv(path: Path, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    encoding = encoding_of(lambda: opened(path), name)
    csv.field_size_limit(LARGEST_CELL)
    try:
        with text_lines(lambda: opened(path), encoding) as lines:
            reader = csv.reader((line.replace("\x00", "") for line in lines), delimiter=delimiter)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, cells
    except csv.Error as error:
        raise Refused(f"{name} cannot be cut into cells ({error}); export it again") from error
    except DAMAGED as error:
        raise Refused(f"{name} is cut off or damaged inside its compression; export it again") from error


def _xls(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        book = xlrd.open_workbook(path, on_demand=True, logfile=io.StringIO())
        sheet = book.sheet_by_index(0)
        for number in range(min(sheet.nrows, MOST_ROWS)):
            cells = [_xls_text(cell, book.datemode) for cell in sheet.row(number)]
            if any(cells):
                yield number + 1, cells
    except Exception as error:
        raise Refused(f"{name} is a damaged XLS workbook ({type(error).__name__}); export it again") from error


def _xls_text(cell: Any, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        moment: datetime = xlrd.xldate_as_datetime(cell.value, datemode)
        return moment.isoformat(sep=" ", timespec="seconds")
    return _number_text(cell.value) if cell.ctype == xlrd.XL_CELL_NUMBER else str(cell.value).strip()


def _xlsx(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    check_archive(path, name, LARGEST_SHEET)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS), 1):
                cells = [_xlsx_text(value) for value in row]
                if any(cells):
                    yield number, cells
        finally:
            book.close()
    except Exception as error:
        raise Refused(f"{name} is a damaged XLSX workbook ({type(error).__name__}); export it again") from error


def _xlsx_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return _number_text(value) if isinstance(value, float | int) else str(value).strip()


def _number_text(value: float) -> str:
    """A cell's number as it shows: cents are what a bank means, never the tail of a float."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"
