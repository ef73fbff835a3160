"""Reading unpacked parts row by row, for ``tieout inspect``. Loading never comes here."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.protocol import Part
from connectors.core.text import amount, money, opened

CELL_LIMIT = 10 * 1024 * 1024
SURPLUS = ""


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
