"""Reading unpacked parts row by row, for ``tieout inspect``. Loading never comes here."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.protocol import Canonical, Connection, Part, Reject, Unpacked
from connectors.core.text import amount, money, opened

CELL_LIMIT = 10 * 1024 * 1024
SURPLUS = ""
UNREADABLE = (ValueError, TypeError, AttributeError, ArithmeticError, LookupError, OSError)
"""What a record raises that is not made as its source makes them; a time too far away is an OSError."""

Made = Mapping[str, Sequence[dict[str, Any]]]
"""Rows by canonical stream."""


def unread(column: str) -> str:
    """Why a record is rejected that lacks a column."""
    return f"{column} is empty or not readable as what it should be"


class Unusable(Exception):  # noqa: N818 - it is a verdict on a record, not a failure of ours
    """A record that may not be used: the column to blame, and why where there is more to say than usual."""

    def __init__(self, column: str, reason: str = "") -> None:
        super().__init__(reason or unread(column))
        self.column = column


def collected(
    unpacked: Unpacked,
    made: Callable[[Any], Made] | Mapping[str, Callable[[Any], Made]],
    required: Mapping[str, tuple[str, ...]],
    belonging: Mapping[str, Any] | Callable[[Part, Any], Mapping[str, Any]] = MappingProxyType({}),
    *,
    seen_only: bool = False,
) -> Canonical:
    """Every record as the rows it is ``made`` into, all of them or, where one may not be used, a reject for it.

    ``made`` may have a reader for each raw table; a table without one, and a record made into nothing, are left out.
    ``required`` names every stream and the columns that no row of it may lack; with ``seen_only`` a stream that no
    record has is not there. ``belonging`` is put on each row: its statement, account and currency.
    """
    streams: dict[str, list[dict[str, Any]]] = {} if seen_only else {stream: [] for stream in required}
    rejects: list[Reject] = []
    for part in unpacked.parts:
        read = made.get(part.table) if isinstance(made, Mapping) else made
        if read is None:
            continue
        for row, record in numbered(part):
            try:
                found = read(record)
                _check(found, required)
                mark = belonging(part, record) if callable(belonging) else belonging
            except Unusable as verdict:
                rejects.append(Reject(row, verdict.column, str(verdict)))
            except UNREADABLE:
                rejects.append(Reject(row, "record", "a number, time or list of the record cannot be read"))
            else:
                for stream, rows in found.items():
                    streams.setdefault(stream, []).extend({**item, **mark} for item in rows)
    return Canonical(streams=streams, quarantine=tuple(rejects))


def _check(found: Made, required: Mapping[str, tuple[str, ...]]) -> None:
    for stream, columns in required.items():
        for row in found.get(stream, ()):
            for column in columns:
                if row.get(column) in {None, ""}:
                    raise Unusable(column)


def unstated(connection: Connection, currency: Any = None) -> dict[str, Any]:
    """What a row belongs to that an API answered: that is no statement, but the contract's keys are there."""
    return {"statement": None, "account": connection.account, "currency": str(currency or connection.currency)}


def numbered(part: Part) -> Iterator[tuple[int, dict[str, Any]]]:
    """(row, record) of a part of either kind."""
    if part.kind == "csv":
        yield from csv_rows(part)
    else:
        for position, record in json_records(part):
            yield position + part.first_row - 1, record


def csv_rows(part: Part) -> Iterator[tuple[int, dict[str, str]]]:
    """(source line, cells by column) of a csv part; a row of another width has another number of keys."""
    csv.field_size_limit(CELL_LIMIT)
    with io.TextIOWrapper(opened(part.path), encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, delimiter=part.delimiter)
        number = part.first_row
        for position, cells in enumerate(reader):
            if position < part.skip or not cells:
                continue
            row = dict(zip(part.columns, cells, strict=False))
            if len(cells) > len(part.columns):
                row[SURPLUS] = part.delimiter.join(cells[len(part.columns) :])
            yield int(row[part.line_column]) if part.line_column else number, row
            number += 1


def json_records(part: Part) -> Iterator[tuple[int, dict[str, Any]]]:
    """(1-based position, record) of a json part; numbers are exact."""
    text = part.path.read_bytes().decode("utf-8-sig")
    documents = text.split("\n") if part.lines else [text]
    position = 0
    for document in documents:
        if not document.strip():
            continue
        found: Any = json.loads(document, parse_float=Decimal)
        for step in part.items.removeprefix("$").strip(".").split("."):
            found = found.get(step) if isinstance(found, dict) and step else (found if not step else None)
        for record in found if isinstance(found, list) else [found]:
            position += 1
            if isinstance(record, dict):
                yield position, record


def text_of(record: Mapping[str, Any], name: str) -> str:
    """A member of a record as text; empty where there is none."""
    value = record.get(name)
    return "" if value is None else str(value)


def local_time(text: str, zone: ZoneInfo) -> str | None:
    """A source's local time as ISO 8601 with its offset; None where it is no time."""
    text = text.strip().replace("：", ":").replace("/", "-")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()


def positive(text: str) -> str | None:
    """The amount without its sign, or None where it is no amount in whole cents."""
    value = amount(text)
    if value is None or value != round(value, 2):
        return None
    return money(abs(value).quantize(Decimal("0.01")))


def signed(text: str) -> str | None:
    """The amount with its sign, or None where it is no amount in whole cents."""
    value = amount(text)
    if value is None or value != round(value, 2):
        return None
    return money(value.quantize(Decimal("0.01")))
