"""Spreadsheets in the contract's templates, or in the user's own columns through a mapping.

Raw table ``files__<stream>`` has the template's columns and entity, platform, store, account, currency.
"""

import re
from datetime import time
from functools import partial
from pathlib import Path

from connectors.core.protocol import Canonical, Connection, Part, Stream, Unpacked
from connectors.core.text import DAMAGED, Refused, opened
from connectors.files.client import fetch
from connectors.files.mapping import mapping_of, placed
from connectors.files.records import records
from connectors.files.tables import csv_table, header_of, xlsx_headings, xlsx_table
from connectors.files.templates import BELONGING, TEMPLATES, Column, required_columns, table_columns

__all__ = ["BELONGING", "STREAMS", "TEMPLATES", "Column", "recognises", "table_columns"]
START_BYTES = 512
RECOGNISED_COLUMNS = 2
ALL_COLUMNS = tuple(sorted({column for stream in TEMPLATES for column in table_columns(stream)}))


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "", *, stream: str) -> Unpacked:
    """One part; refused whole when a required column is missing or a heading appears twice."""
    del suffix
    name, out = name or path.name, workdir / f"{path.name}.{stream}.csv"
    known = table_columns(stream)
    try:
        rules = mapping_of(connection, stream)
        book = is_workbook(path)
        table = xlsx_table(path, name, out, stream, known) if book else csv_table(path, name, out, known)
        header = tuple(column for column in table.header if column != table.line_column)
        found, notes = placed(name, stream, header, rules)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    part = Part(
        table=stream,
        kind="csv",
        path=table.path,
        columns=table.header,
        first_row=table.skip + 1,
        rules=found,
        skip=table.skip,
        delimiter=table.delimiter,
        line_column=table.line_column,
    )
    return Unpacked(parts=(part,), notes=(*table.notes, *notes))


def canonical(unpacked: Unpacked, connection: Connection, *, stream: str) -> Canonical:
    """The file's rows as records of its stream."""
    return records(unpacked, connection, stream)


def is_workbook(path: Path) -> bool:
    """Whether the content is a zip container, which of the allowed kinds only XLSX is."""
    with path.open("rb") as raw:
        return raw.read(2) == b"PK"


def stream_of(path: Path) -> str | None:
    """Which template a file follows: by its name, else by the template of which it has most columns."""
    words = re.sub(r"[^a-z]+", "_", path.name.lower())
    named = [stream for stream in TEMPLATES if words.startswith(f"{stream}_")]
    if named:
        return max(named, key=len)
    header = headings_of(path)
    fitting = [stream for stream in TEMPLATES if header.issuperset(required_columns(stream))]
    return max(fitting, key=lambda stream: len(header.intersection(table_columns(stream))), default=None)


def headings_of(path: Path) -> frozenset[str]:
    """The headings of a spreadsheet; empty for anything else."""
    try:
        if is_workbook(path):
            return frozenset(xlsx_headings(path, path.name, ALL_COLUMNS))
        with opened(path) as raw:
            if raw.read(START_BYTES).lstrip(b"\xef\xbb\xbf \r\n").startswith((b"<", b"{", b"[")):
                return frozenset()
        return frozenset(header_of(path, path.name, ALL_COLUMNS))
    except (Refused, OSError, *DAMAGED):
        return frozenset()


def recognises(path: Path) -> bool:
    """Whether the file has columns of the template that it follows."""
    stream = stream_of(path)
    return stream is not None and len(headings_of(path).intersection(table_columns(stream))) >= RECOGNISED_COLUMNS


def _stream(name: str) -> Stream:
    return Stream(
        name=name,
        day_kind="drop",
        tables={name: table_columns(name)},
        fetch=partial(fetch, stream=name),
        unpack=partial(unpack, stream=name),
        canonical=partial(canonical, stream=name),
        ready_at=time(8, 0),
        reads=lambda path: stream_of(path) == name,
    )


STREAMS = tuple(_stream(name) for name in TEMPLATES)
