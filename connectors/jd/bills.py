"""JD's exports made loadable: settlement rows with their signs, settlements as their sums, movements of the wallet.

Every row becomes one JSON record of text. A file may hold both kinds: a workbook has a sheet for each.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO

from connectors.core.answers import RECORD
from connectors.core.bills import BalanceChain
from connectors.core.protocol import Part, Statement, Unpacked
from connectors.core.sheets import check_columns, has_heading, row_of, sheet_rows, whole_cents
from connectors.core.text import Refused, money
from connectors.jd.layout import (
    IN_WORD,
    LINES,
    OUT_WORD,
    PENDING_WORDS,
    TOTAL_WORDS,
    Layout,
    known_but_not_read,
    layout_of,
)

TABLES = ("lines", "batches", "funds")
HEADING_WITHIN = 10
COMPACT_DAY = re.compile(r"(20\d{2})[-/]?(\d{2})[-/]?(\d{2})(?:[ T]00:00:00)?")
SECONDS = re.compile(r"(20\d{2})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(slots=True)
class _Batch:
    """One settlement as far as the file shows it."""

    total: Decimal = Decimal()
    rows: int = 0
    settled_at: str = ""
    first_day: str = ""
    last_day: str = ""

    def take(self, row: Mapping[str, str], moved: Decimal) -> None:
        self.total += moved
        self.rows += 1
        self.settled_at = max(self.settled_at, row["settled_at"] or row.get("arrived_at", ""))
        day = row.get("bill_day", "")
        if day:
            self.first_day = min(self.first_day or day, day)
            self.last_day = max(self.last_day, day)


@dataclass(slots=True)
class _Sums:
    """What a statement says, counted from the rows."""

    rows: int = 0
    received: Decimal = Decimal()
    spent: Decimal = Decimal()
    chain: BalanceChain = field(default_factory=BalanceChain)
    days: set[str] = field(default_factory=set)

    def take(self, received: Decimal, spent: Decimal, day: str) -> None:
        self.rows += 1
        self.received += received
        self.spent += spent
        self.days.add(day)


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    name: str
    lines: _Sums | None = None
    batches: dict[str, _Batch] = field(default_factory=dict)
    accounts: dict[str, _Sums] = field(default_factory=dict)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    out_signs: set[bool] = field(default_factory=set)
    pending: int = 0
    stated_total: Decimal | None = None

    def line(self, row: dict[str, str], number: int) -> dict[str, str]:
        """A settlement row with its sign, its settlement and a number of its own."""
        moved = self._signed(row, number)
        row["settlement_no"] = row["pay_no"] or row.get("sheet_no", "")
        row["moved"] = money(moved)
        same = (row["order_no"], row.get("sku", ""), row["fee_name"], "in" if moved >= 0 else "out")
        key = (row["settlement_no"], *same)
        self.seen[key] += 1
        row["line_no"] = "-".join(filter(None, (*same, str(self.seen[key]) if self.seen[key] > 1 else "")))
        if self.lines is None:
            self.lines = _Sums()
        self.lines.take(max(moved, Decimal()), max(-moved, Decimal()), row.get("bill_day", ""))
        if is_pending(row):
            self.pending += 1
        elif row["settlement_no"]:
            self.batches.setdefault(row["settlement_no"], _Batch()).take(row, moved)
        return row

    def _signed(self, row: Mapping[str, str], number: int) -> Decimal:
        value, direction = whole_cents(row["amount"], "amount", self.name, number), row["direction"]
        if direction not in {IN_WORD, OUT_WORD}:
            raise Refused(
                f"{self.name} line {number}: the direction is {direction!r}, allowed: {IN_WORD}, {OUT_WORD}; "
                "export it again"
            )
        if direction == IN_WORD or not value:
            return value
        self.out_signs.add(value < 0)
        if len(self.out_signs) > 1:
            raise Refused(
                f"{self.name} line {number}: outgoings are written both with and without a minus, so that their sign "
                "cannot be told; export it again in one layout"
            )
        return -abs(value)

    def fund(self, row: dict[str, str], number: int) -> dict[str, str]:
        """A movement of the wallet; a row may have come in and gone out at once."""
        received = whole_cents(row["received"] or "0", "received", self.name, number)
        spent = abs(whole_cents(row["spent"] or "0", "spent", self.name, number))
        if received < 0:
            raise Refused(f"{self.name} line {number}: {received} came in, which no minus may have; export it again")
        key = ("fund", row["account_no"], row["pay_no"])
        self.seen[key] += 1
        repeated = f"-{self.seen[key]}" if self.seen[key] > 1 else ""
        row |= {
            "received": money(received),
            "spent": money(spent),
            "flow_no": row["pay_no"] and row["pay_no"] + repeated,
        }
        sums = self.accounts.setdefault(row["account_no"], _Sums())
        sums.take(received, spent, row["moved_at"][:10])
        if row["balance"]:
            balance = whole_cents(row["balance"], "balance", self.name, number)
            row["balance"] = money(balance)
            sums.chain.add(received - spent, balance)
        return row


def is_pending(row: Mapping[str, str]) -> bool:
    """Whether the row says that it is not settled yet and by which payment is not known."""
    return row.get("state", "") in PENDING_WORDS and not row["pay_no"]


def tables_of(path: Path, name: str) -> Iterator[tuple[Layout, int, dict[str, str] | None]]:
    """(layout, line, row) of every table of a file; the heading itself comes with None as its row."""
    sheet_now, found, before = "", None, 0
    for sheet, number, cells in sheet_rows(path, name):
        if sheet != sheet_now:
            sheet_now, found, before = sheet, None, 0
        if found is None:
            found = layout_of(cells)
            before += 1
            what = known_but_not_read(cells)
            if what:
                raise Refused(
                    f"{name} is {what}, which is not read here; allowed: settlement rows and the wallet's ledger"
                )
            if found is not None:
                check_columns(found[1], name)
                yield found[0], number, None
            elif before >= HEADING_WITHIN:
                raise Refused(
                    f"{name} is no export of settlement rows or of the wallet; allowed is the export as it came"
                )
            continue
        yield found[0], number, _row(cells, found[1], name, number)


def _row(cells: Sequence[str], columns: Sequence[str], name: str, number: int) -> dict[str, str]:
    row = row_of(cells, columns, name, number)
    for column in ("settled_at", "arrived_at", "moved_at"):
        if column in row:
            row[column] = _moment(row[column])
    if "bill_day" in row:
        row["bill_day"] = _day(row["bill_day"])
    return row


def _moment(text: str) -> str:
    """Times come as text or from date cells; anything else stays as it is and is told later."""
    found = SECONDS.fullmatch(text)
    if found is None:
        return _day(text)
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month:0>2}-{day:0>2} {hour:0>2}:{minute}:{second or '00'}"


def _day(text: str) -> str:
    """``20260708``, ``2026-07-08`` and a date cell are one day."""
    found = COMPACT_DAY.fullmatch(text)
    return "-".join(found.groups()) if found else text


def unpack_bills(path: Path, suffix: str, workdir: Path, name: str) -> Unpacked:
    """Every table of the file as JSON lines; one row that cannot be told refuses them all."""
    del suffix
    reading, first = _Reading(name), dict.fromkeys(TABLES, 0)
    paths = {table: workdir / f"{path.name}.{table}.ndjson" for table in TABLES}
    try:
        with paths["lines"].open("w", encoding="utf-8") as lines, paths["funds"].open("w", encoding="utf-8") as funds:
            for layout, number, row in tables_of(path, name):
                if row is None:
                    first[layout.table] = first[layout.table] or number + 1
                    if layout is LINES:
                        reading.lines = reading.lines or _Sums()
                    continue
                _take(reading, layout, row, number, lines if layout is LINES else funds)
        _check(reading, is_any=any(first.values()))
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    with paths["batches"].open("w", encoding="utf-8") as batches:
        for settlement_no, batch in reading.batches.items():
            _write(batches, _batch_record(settlement_no, batch))
    first["batches"] = 1 if reading.batches else 0
    parts = tuple(
        Part(table, "json", paths[table], RECORD, first_row=first[table], items="$", lines=True)
        for table in TABLES
        if first[table]
    )
    notes = (f"{reading.pending} rows are not settled yet; the export that shows them settled brings them",)
    return Unpacked(parts=parts, statements=_statements(reading), notes=notes if reading.pending else ())


def _take(reading: _Reading, layout: Layout, row: dict[str, str], number: int, out: IO[str]) -> None:
    if next(iter(row.values())) in TOTAL_WORDS:
        if layout is LINES:
            reading.stated_total = whole_cents(row["amount"], "amount", reading.name, number)
        return
    _write(out, reading.line(row, number) if layout is LINES else reading.fund(row, number))


def _write(out: IO[str], record: Mapping[str, str]) -> None:
    out.write(json.dumps(record, ensure_ascii=False) + "\n")


def _batch_record(settlement_no: str, batch: _Batch) -> dict[str, str]:
    return {
        "settlement_no": settlement_no,
        "total": money(batch.total),
        "row_count": str(batch.rows),
        "settled_at": batch.settled_at,
        "period_start": batch.first_day,
        "period_end": batch.last_day,
    }


def _check(reading: _Reading, *, is_any: bool) -> None:
    if not is_any:
        raise Refused(
            f"{reading.name} is no export of settlement rows or of the wallet; allowed is the export as it came"
        )
    lines = reading.lines
    if lines is not None and reading.stated_total not in {None, lines.received - lines.spent}:
        raise Refused(
            f"{reading.name} contradicts itself: its total is stated as {reading.stated_total}, the rows give "
            f"{lines.received - lines.spent}; export it again"
        )
    for account, sums in reading.accounts.items():
        if sums.rows and sums.chain.ends() is None:
            raise Refused(
                f"{reading.name} contradicts itself: the balances of account {account or '(none)'} form no chain, so "
                "that rows are missing or were changed; export the whole period again"
            )


def _statements(reading: _Reading) -> tuple[Statement, ...]:
    """First the settlement rows, then each account of the wallet."""
    found = [] if reading.lines is None else [_statement(None, reading.lines)]
    found += [_statement(account, sums) for account, sums in reading.accounts.items()]
    return tuple(found)


def _statement(account: str | None, sums: _Sums) -> Statement:
    ends = sums.chain.ends()
    return Statement(
        account=account,
        currency="CNY",
        statement_no=None,
        day=next(iter(sums.days)) or None if len(sums.days) == 1 else None,
        opening_balance=ends[0] if ends else None,
        closing_balance=ends[1] if ends else None,
        row_count=sums.rows,
        in_sum=money(sums.received),
        out_sum=money(sums.spent),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )


def is_bills(path: Path) -> bool:
    """Whether one of the first lines of the file is a heading known here, read or not."""
    return has_heading(
        path, HEADING_WITHIN, lambda cells: layout_of(cells) is not None or known_but_not_read(cells) is not None
    )
