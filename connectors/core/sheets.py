"""Exports as rows of text, whatever they are kept in: CSV in UTF-8 or GB18030, or a workbook with its sheets.

Only cells become text here; which of them is a heading is for the source to know.
"""

import csv
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from connectors.core.text import DAMAGED, Refused, amount, clean, encoding_of, opened, text_lines

ZIP = b"PK\x03\x04"
LARGEST_CELL = 100_000
LARGEST_SHEET = 256 * 1024 * 1024
MOST_ROWS = 1_000_000
FLOAT_TAIL = Decimal("0.000001")
CENT = Decimal("0.01")


def is_workbook(path: Path) -> bool:
    """Whether the file is a zip archive, as every workbook is."""
    with path.open("rb") as raw:
        return raw.read(len(ZIP)) == ZIP


def sheet_rows(path: Path, name: str) -> Iterator[tuple[str, int, list[str]]]:
    """(sheet, line, cells) of every row that is not empty; a CSV is one sheet without a name."""
    if is_workbook(path):
        yield from _of_workbook(path, name)
    else:
        yield from _of_text(path, name)


def has_heading(path: Path, within: int, is_heading: Callable[[list[str]], bool]) -> bool:
    """Whether one of the first lines of the file, or of one of its sheets, is a heading."""
    sheet_now, place = "", 0
    try:
        for sheet, _, cells in sheet_rows(path, path.name):
            place = place + 1 if sheet == sheet_now else 1
            sheet_now = sheet
            if place > within and not sheet:
                return False
            if place <= within and is_heading(cells):
                return True
    except (Refused, OSError):
        return False
    return False


def check_columns(columns: Sequence[str], name: str) -> None:
    """Refuse a heading that names a column twice."""
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise Refused(f"{name} has column {twice[0] or '(empty)'} twice; each may appear once, export it again")


def row_of(cells: Sequence[str], columns: Sequence[str], name: str, number: int) -> dict[str, str]:
    """The cells, cleaned, by column; empty ones beyond the heading do not count."""
    cells = list(cells)
    while len(cells) > len(columns) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(columns):
        raise Refused(
            f"{name} line {number} has {len(cells)} cells where the heading has {len(columns)}; export it again"
        )
    return {column: clean(cell) for column, cell in zip(columns, cells, strict=True)}


def whole_cents(text: str, column: str, name: str, number: int) -> Decimal:
    """A cell's amount; one in no whole cents refuses the file, since nothing could be proven of it."""
    value = amount(text)
    if value is None or value != round(value, 2):
        raise Refused(f"{name} line {number}: {column} is no plain amount in whole cents; export it again")
    return value


def _of_text(path: Path, name: str) -> Iterator[tuple[str, int, list[str]]]:
    encoding = encoding_of(lambda: opened(path), name)
    csv.field_size_limit(LARGEST_CELL)
    try:
        with text_lines(lambda: opened(path), encoding) as lines:
            reader = csv.reader(line.replace("\x00", "") for line in lines)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield "", reader.line_num, cells
    except csv.Error as error:
        raise Refused(f"{name} cannot be cut into cells ({error}); export it again") from error
    except DAMAGED as error:
        raise Refused(f"{name} is cut off or damaged inside its compression; export it again") from error


def check_archive(path: Path, name: str, most: int = LARGEST_SHEET) -> None:
    """Refuse a workbook that is no whole archive, or that unpacks to more than anybody exports."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise Refused(f"{name} is a damaged workbook ({type(error).__name__}); export it again") from error
    if size > most:
        raise Refused(f"{name} unpacks to more than {most} bytes; export a shorter period")


def _of_workbook(path: Path, name: str) -> Iterator[tuple[str, int, list[str]]]:
    check_archive(path, name)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS), 1):
                    cells = [cell_text(value) for value in row]
                    if any(cells):
                        yield sheet.title, number, cells
        finally:
            book.close()
    except Exception as error:
        raise Refused(f"{name} is a damaged workbook ({type(error).__name__}); export it again") from error


def cell_text(value: Any) -> str:
    """A cell as it was meant: dates as ISO text, a whole number without a point, no tail of a binary fraction."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, float | int):
        return str(value).strip()
    exact = Decimal(str(value))
    if not exact.is_finite():
        return str(value)
    near = exact.quantize(CENT) if abs(exact) < Decimal(10) ** 16 else exact
    exact = near if abs(exact - near) < FLOAT_TAIL else exact
    return format(exact.to_integral_value() if exact == exact.to_integral_value() else exact, "f")
