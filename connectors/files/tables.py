"""Turning what people save as CSV or XLSX into something DuckDB reads as it lies.

A clean UTF-8 file is passed through without a copy; every other one is rewritten row by row, with the source line
in front of each row. Memory does not grow with the file.
"""

import csv
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
from lxml.etree import XMLSyntaxError
from openpyxl.utils.exceptions import InvalidFileException

from connectors.core.text import CHUNK_BYTES, ENCODINGS, Refused, clean, encoding_of, heading, opened

DELIMITERS = (",", ";", "\t")
CELL_LIMIT = 1 << 20
LINE = "source_line"
EXACT_DIGITS = 10**15
MARKS = (b"'", b"`", b'="')
HEADING_SEARCH_LINES = 20
HEADING_BYTES = 65_536
DAMAGED = (
    zipfile.BadZipFile,
    InvalidFileException,
    XMLSyntaxError,
    SyntaxError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows are and how to read them."""

    path: Path
    header: tuple[str, ...]
    skip: int
    delimiter: str
    line_column: str
    notes: tuple[str, ...] = ()


def csv_table(path: Path, name: str, out: Path, known: Sequence[str]) -> Table:
    """A CSV in any of the allowed encodings and delimiters; ``known`` are the names a heading may have."""
    csv.field_size_limit(CELL_LIMIT)
    encoding = encoding_of(lambda: opened(path), name)
    with _text(path, encoding) as text:
        delimiter, lines_before = _delimiter(text, name)
    header, skip, width = _read_header(path, encoding, delimiter, name, known)
    is_plain = skip == lines_before + 1 and width <= len(header)
    if is_plain and not _needs_rewriting(path, delimiter):
        readable = path if encoding == ENCODINGS[0] else _transcoded(path, encoding, out)
        return Table(path=readable, header=header, skip=skip, delimiter=delimiter, line_column="")
    with _text(path, encoding) as text:
        _rewrite(out, header, _csv_rows(text, delimiter, name))
    return Table(path=out, header=(LINE, *header), skip=1, delimiter=",", line_column=LINE)


def header_of(path: Path, name: str, known: Sequence[str]) -> tuple[str, ...]:
    """The headings alone, from the file's start, whatever is wrong with them or with the rest."""
    with opened(path) as raw:
        start = raw.read(HEADING_BYTES)
    whole_lines = start.rpartition(b"\n")[0] if len(start) == HEADING_BYTES else start
    encoding = encoding_of(lambda: io.BytesIO(whole_lines), name)
    delimiter, _ = _delimiter(io.StringIO(whole_lines.decode(encoding), newline=""), name)
    reader = csv.reader(io.StringIO(whole_lines.decode(encoding), newline=""), delimiter=delimiter)
    try:
        return _names(next((cells for cells in reader if any(cell.strip() for cell in cells)), []), known)
    except csv.Error:
        return ()


def _read_header(
    path: Path, encoding: str, delimiter: str, name: str, known: Sequence[str]
) -> tuple[tuple[str, ...], int, int]:
    """(headings, lines up to their end, cells of the first row), since some exports end only rows in a comma."""
    try:
        with _text(path, encoding) as text:
            reader = csv.reader(text, delimiter=delimiter)
            cells = next((cells for cells in reader if any(cell.strip() for cell in cells)), [])
            lines = reader.line_num
            return _header(cells, name, known), lines, len(next(reader, []))
    except csv.Error:
        raise Refused(f"{name} is no CSV: a quote in its first lines is not closed") from None


def _text(path: Path, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(path), encoding=encoding, newline="")


def _delimiter(text: Iterable[str], name: str) -> tuple[str, int]:
    """The delimiter that the first written line has most of, and how many empty lines stand before it."""
    for number, line in enumerate(text):
        if line.strip(",;\t\r\n "):
            return max(DELIMITERS, key=line.count), number
        if number >= HEADING_SEARCH_LINES:
            break
    raise Refused(f"{name} has no heading row; the first line names the columns")


def _names(cells: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Headings without marks; a template's own name is recognised in any case of letters."""
    names = enumerate(map(clean, cells), start=1)
    return tuple(cell.lower() if cell.lower() in known else cell or f"column_{at}" for at, cell in names)


def _header(cells: Sequence[str], name: str, known: Sequence[str]) -> tuple[str, ...]:
    names = _names(cells, known)
    twice = [cell for cell, count in Counter(map(heading, names)).items() if count > 1]
    if twice:
        raise Refused(f"{name} has column {twice[0]} twice; each column may appear once")
    return names


def _transcoded(path: Path, encoding: str, out: Path) -> Path:
    """The same text as UTF-8, line for line."""
    with _text(path, encoding) as text, out.open("w", encoding="utf-8", newline="") as file:
        while chunk := text.read(CHUNK_BYTES):
            file.write(chunk)
    return out


def _needs_rewriting(path: Path, delimiter: str) -> bool:
    """Whether cells carry an export's marks, or lines end in a bare carriage return.

    Looked at as bytes, for speed: what stands before a mark is never the first byte of a GB18030 character.
    """
    before = b"\n"
    separator = delimiter.encode()
    starts = (b"\n", separator, separator + b'"', b'\n"')
    rare = [b"\x00"] + ([] if delimiter == "\t" else [b"\t"])
    with opened(path) as raw:
        while chunk := raw.read(CHUNK_BYTES):
            window = before + chunk
            if any(sign in window for sign in rare):
                return True
            if any(mark in window and any(start + mark in window for start in starts) for mark in MARKS):
                return True
            if b"\r" in window and window.count(b"\r") - window.count(b"\r\n") - window.endswith(b"\r"):
                return True
            before = window[-3:]
    return False


def _csv_rows(text: Iterable[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """(source line, cells) of every row below the heading; a quote that never closes refuses the file."""
    reader = csv.reader((line.replace("\x00", "") for line in text), delimiter=delimiter, strict=True)
    is_heading = True
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if not is_heading:
                    yield line, cells
                is_heading = False
            line = reader.line_num + 1
    except csv.Error:
        raise Refused(
            f"{name} line {line} is no CSV: a quote is not closed, or text follows a closing quote; double the quotes "
            "inside a quoted cell"
        ) from None


def xlsx_table(path: Path, name: str, out: Path, sheet: str, known: Sequence[str]) -> Table:
    """The sheet named like the stream, else the first; formulas stay text, nothing is evaluated."""
    cut: set[int] = set()
    with _sheet(path, name, sheet) as rows:
        header = _xlsx_header(rows, name, known)
        body = ((at, [cell_text(cell, cut, at) for cell in cells]) for at, cells in rows)
        _rewrite(out, header, ((at, cells) for at, cells in body if any(cells)), pad=True)
    notes = (_cut_note(cut),) if cut else ()
    return Table(path=out, header=(LINE, *header), skip=1, delimiter=",", line_column=LINE, notes=notes)


def xlsx_headings(path: Path, name: str, known: Sequence[str]) -> tuple[str, ...]:
    """The headings of the first sheet alone."""
    with _sheet(path, name, "") as rows:
        return _xlsx_header(rows, name, known)


@contextmanager
def _sheet(path: Path, name: str, sheet: str) -> Iterator[Iterator[tuple[int, tuple[Any, ...]]]]:
    """(row number, cells) of one sheet; whatever the library trips over is a damaged workbook."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        try:
            chosen = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
            chosen.reset_dimensions()
            yield enumerate(chosen.iter_rows(values_only=True), start=1)
        finally:
            book.close()
    except DAMAGED:
        raise Refused(f"{name} is no readable XLSX workbook; save it again as XLSX or CSV") from None


def _xlsx_header(rows: Iterator[tuple[int, tuple[Any, ...]]], name: str, known: Sequence[str]) -> tuple[str, ...]:
    for at, cells in rows:
        if any(cell is not None for cell in cells):
            used = max(place for place, cell in enumerate(cells, start=1) if cell is not None)
            return _header([cell_text(cell, set(), at) for cell in cells[:used]], name, known)
    raise Refused(f"{name} has no heading row; the first row names the columns")


def _cut_note(rows: set[int]) -> str:
    return (
        f"{len(rows)} rows, the first is {min(rows)}, hold numbers of more than 15 digits, which the spreadsheet has "
        "already cut; format id columns as text"
    )


def cell_text(value: Any, cut: set[int], row: int) -> str:
    """A cell as it is shown: numbers to the 15 digits a spreadsheet keeps, dates in ISO 8601.

    A longer number has lost digits for good; it is written with an exponent, so that no id is made up.
    """
    text = "" if value is None else str(value)
    if isinstance(value, bool):
        text = text.lower()
    elif isinstance(value, datetime):
        text = (value + timedelta(microseconds=500_000)).replace(microsecond=0).isoformat()
    elif isinstance(value, date | clock):
        text = value.isoformat()
    elif isinstance(value, int | float):
        is_cut = abs(value) >= EXACT_DIGITS
        if is_cut:
            cut.add(row)
        text = f"{value:.14E}" if is_cut else format(Decimal(f"{value:.15g}"), "f")
    return text


def _rewrite(out: Path, header: Sequence[str], rows: Iterable[tuple[int, list[str]]], *, pad: bool = False) -> None:
    """Write rows cleaned and behind their source line; a row of another width keeps it, to be rejected as such."""
    width = len(header)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([LINE, *header])
        for line, cells in rows:
            kept = [clean(cell) for cell in cells]
            while len(kept) > width and not kept[-1]:
                kept.pop()
            if pad:
                kept += [""] * (width - len(kept))
            writer.writerow([line, *kept])
