"""Rows of a spreadsheet as records of their stream, judged by the template, for ``tieout inspect``."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.canonical import csv_rows, local_time
from connectors.core.protocol import Canonical, ColumnRule, Connection, Reject, Unpacked
from connectors.core.text import amount, clean, money, plain
from connectors.files.templates import BELONGING, TEMPLATES, Column, table_columns

PLAIN_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?%?")
MINOR_UNIT = Decimal("0.01")


def records(unpacked: Unpacked, connection: Connection, stream: str) -> Canonical:
    """Every row that fits its template, and a reject for every other one."""
    found: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    template = {column.name: column for column in TEMPLATES[stream]}
    for part in unpacked.parts:
        for line, row in csv_rows(part):
            if len(row) != len(part.columns):
                rejects.append(Reject(line, "", "the row has another number of cells than the heading"))
                continue
            cells = {column: _cell(row, column, part.rules) for column in table_columns(stream)}
            record, problem = _judged(cells, template, connection)
            if problem:
                rejects.append(Reject(line, *problem))
            else:
                found.append(record)
    return Canonical(streams={stream: found}, quarantine=tuple(rejects))


def _cell(row: dict[str, str], column: str, rules: Any) -> str:
    if not rules:
        return clean(row.get(column, ""))
    rule: ColumnRule | None = rules.get(column)
    if rule is None:
        return ""
    if rule.const is not None:
        return rule.const
    text = rule.join.join(clean(row[name]) for name in rule.columns)
    if rule.map is not None:
        text = rule.map.get(text, text)
    if rule.scale is not None and amount(text) is not None:
        text = plain(Decimal(text) * Decimal(rule.scale))
    return _formatted(text, rule.format) if rule.format and text else text


def _formatted(text: str, letters: str) -> str:
    try:
        return datetime.strptime(text, letters).isoformat()  # noqa: DTZ007 - local until the zone is attached
    except ValueError:
        return text


def _judged(
    cells: dict[str, str], template: dict[str, Column], connection: Connection
) -> tuple[dict[str, Any], tuple[str, str] | None]:
    record: dict[str, Any] = {}
    for name, text in cells.items():
        column = template.get(name, Column(name))
        if not text:
            if column.required:
                return record, (name, "is required but empty")
            continue
        value = typed(text, column, connection.timezone)
        if value is None:
            return record, (name, _allowed(column))
        record[name] = value
    belonging = {name: record.pop(name, None) for name in BELONGING}
    record |= {name: value for name, value in belonging.items() if value}
    record |= {
        "statement": None,
        "account": belonging["account"] or connection.account,
        "currency": belonging["currency"] or connection.currency,
    }
    return record, None


def typed(text: str, column: Column, zone: ZoneInfo) -> str | None:
    """The cell in its canonical form; None when it is not what its kind allows."""
    readers: dict[str, Callable[[], str | None]] = {
        "text": lambda: text,
        "amount": lambda: None if text.startswith("-") else _money(text),
        "signed_amount": lambda: _money(text),
        "quantity": lambda: text if PLAIN_NUMBER.fullmatch(text) else None,
        "rate": lambda: text if PLAIN_NUMBER.fullmatch(text) else None,
        "choice": lambda: text.lower() if text.lower() in column.values else None,
        "time": lambda: local_time(text, zone),
        "day": lambda: (local_time(text, zone) or "")[:10] or None,
    }
    return readers[column.kind]()


def _money(text: str) -> str | None:
    value = amount(text)
    return None if value is None or value != value.quantize(MINOR_UNIT) else money(value.quantize(MINOR_UNIT))


def _allowed(column: Column) -> str:
    words = {
        "amount": "a plain decimal without sign, no non-zero digit beyond the minor unit",
        "signed_amount": "a plain decimal, no non-zero digit beyond the minor unit",
        "quantity": "a plain decimal",
        "rate": "a plain decimal with at most six places, or a percentage",
        "choice": ", ".join(column.values),
        "time": "ISO 8601",
        "day": "ISO 8601 day",
    }
    return f"is not readable; allowed: {words.get(column.kind, 'text')}"
