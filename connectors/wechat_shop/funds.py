"""The shop's movements made loadable, from the ledger file and from the API's answers alike."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.bills import BalanceChain, BillReader, amount_in, as_mapping, write_rows
from connectors.core.protocol import Connection, Part, Statement, Unpacked
from connectors.core.text import DAMAGED, ENCODINGS, Refused, encoding_of, heading, money, opened, text_lines
from connectors.wechat_shop.layout import DIRECTIONS, FUND_COLUMNS, LEDGER_FORM, WANTED_HEADINGS

START_BYTES = 8192
FEN = Decimal("0.01")
BUNDLE = "ndjson"
MARK = b'"funds_flow"'
RELATED = {"order_no": "order_id", "aftersale_no": "aftersale_id", "withdraw_no": "withdraw_id",
           "insurance_no": "insurance_id"}  # fmt: skip


@dataclass(slots=True)
class _Sums:
    """What is counted while the rows pass by once."""

    name: str
    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: {"in": Decimal(), "out": Decimal()})
    days: set[str] = field(default_factory=set)
    chain: BalanceChain = field(default_factory=BalanceChain)

    def take(self, side: str, moved: Decimal, balance: Decimal | None, booked_at: str) -> None:
        """Count one movement."""
        self.count += 1
        self.sums[side] += moved
        self.days.add(booked_at[:10].replace("/", "-"))
        if balance is not None:
            self.chain.add(moved if side == "in" else -moved, balance)

    def statement(self) -> Statement:
        """What the rows say, since neither form states anything about itself."""
        ends, only = self.chain.ends(), next(iter(self.days)) if len(self.days) == 1 else ""
        return Statement(
            account=None,
            currency="CNY",
            statement_no=None,
            day=only if _is_day(only) else None,
            opening_balance=ends[0] if ends else None,
            closing_balance=ends[1] if ends else None,
            row_count=self.count,
            in_sum=money(self.sums["in"]),
            out_sum=money(self.sums["out"]),
            stated_row_count=None,
            stated_in_sum=None,
            stated_out_sum=None,
        )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def unpack_funds(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """A ledger file, or a bundle of answers about single movements → one csv part."""
    del connection
    name, out = name or path.name, workdir / f"{path.name}.funds.csv"
    sums = _Sums(name)
    try:
        if suffix in {BUNDLE, "json"}:
            first_row = 1
            write_rows(out, _answered(path, name, sums, lines=suffix == BUNDLE))
        else:
            first_row = _ledger(path, name, sums, out)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    notes = ("the balances of the rows form no chain",) if sums.count and sums.chain.ends() is None else ()
    part = Part(table="funds", kind="csv", path=out, columns=FUND_COLUMNS, first_row=first_row)
    return Unpacked(parts=(part,), statements=(sums.statement(),), notes=notes)


def _ledger(path: Path, name: str, sums: _Sums, out: Path) -> int:
    """The ledger's rows, checked one by one; returns the line of the first."""
    with path.open("rb") as raw:
        if raw.read(2) == b"PK":
            raise Refused(f"{name} is a zip archive or workbook; allowed is the ledger as CSV, so save it as one")
    encoding = encoding_of(lambda: opened(path), name)
    reader = BillReader(form=LEDGER_FORM, name=name)

    def rows() -> Iterator[list[str]]:
        with text_lines(lambda: opened(path), encoding) as lines:
            passed = reader.rows(lines)
            first = next(passed, None)
            mapped = as_mapping(reader.columns)
            yield list(FUND_COLUMNS)
            while first is not None:
                row = mapped(first)
                _take_row(sums, row, reader.heading_row + reader.row_count)
                # a carriage return inside a cell would end the row when it is read again
                yield [row.get(column, "").replace("\r", " ") for column in FUND_COLUMNS]
                first = next(passed, None)

    write_rows(out, rows())
    return reader.heading_row + 1


def _take_row(sums: _Sums, row: Mapping[str, str], line: int) -> None:
    side = DIRECTIONS.get(row["direction"])
    moved = amount_in(row, "amount", sums.name, line, empty="")
    if side is None or (side == "in" and moved < 0):
        raise Refused(
            f"{sums.name} line {line}: 收支类型 is {row['direction']!r} with {moved}; "
            "allowed: 收入 with an amount not negative, 支出; fetch it again"
        )
    balance = amount_in(row, "balance", sums.name, line) if row["balance"] else None
    sums.take(side, abs(moved), balance, row["booked_at"])


def _answered(path: Path, name: str, sums: _Sums, *, lines: bool) -> Iterator[list[str]]:
    """The rows of the API's answers, one document a line; fen stay fen."""
    yield list(FUND_COLUMNS)
    try:
        with path.open(encoding="utf-8-sig") as text:
            for number, document in enumerate(text if lines else [text.read()], start=1):
                if document.strip():
                    row = _row(json.loads(document, parse_float=Decimal), name, number)
                    moved, balance = Decimal(row["amount_minor"]) * FEN, Decimal(row["balance_minor"]) * FEN
                    sums.take(DIRECTIONS[row["direction"]], moved, balance, row["booked_at"])
                    yield [row.get(column, "") for column in FUND_COLUMNS]
    except (ValueError, RecursionError):
        raise Refused(f"{name} is no JSON in UTF-8; fetch it again") from None
    if not sums.count:
        raise Refused(f"{name} is empty; fetch it again")


def _row(document: Any, name: str, number: int) -> dict[str, str]:
    flow = document.get("funds_flow") if isinstance(document, dict) else None
    if not isinstance(flow, dict):
        raise Refused(f"{name} line {number} is no answer about a movement: it has no funds_flow; fetch it again")
    direction = str(flow.get("flow_type"))
    for key in ("amount", "balance"):
        if type(flow.get(key)) is not int or (key == "amount" and flow[key] < 0):
            raise Refused(f"{name} line {number}: {key} is no whole number of fen; fetch it again")
    if DIRECTIONS.get(direction) is None or direction not in {"1", "2"}:
        raise Refused(f"{name} line {number}: flow_type is {direction}, allowed: 1, 2; fetch it again")
    return {
        "flow_no": _text(flow, "flow_id"),
        "booked_at": _text(flow, "bookkeeping_time"),
        "direction": direction,
        "remark": _text(flow, "remark"),
        "funds_type": _text(flow, "funds_type"),
        "amount_minor": str(flow["amount"]),
        "balance_minor": str(flow["balance"]),
        **_related(flow.get("related_info_list")),
    }


def _related(infos: Any) -> dict[str, str]:
    """The first number of each kind that the movement is about."""
    found = [info for info in infos if isinstance(info, dict)] if isinstance(infos, list) else []
    return {column: next((text for info in found if (text := _text(info, key))), "") for column, key in RELATED.items()}


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return "" if value is None else " ".join(str(value).split())


def is_funds(path: Path) -> bool:
    """Whether the file is a ledger or a bundle of movements."""
    try:
        with opened(path) as stream:
            start = stream.read(START_BYTES)
    except (OSError, *DAMAGED):
        return False
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return MARK in start and b'"flow_type"' in start
    return any(
        {heading(cell) for cell in line.split(",")} >= WANTED_HEADINGS
        for encoding in ENCODINGS
        for line in start.decode(encoding, errors="ignore").splitlines()[:20]
    )
