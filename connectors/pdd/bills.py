"""The daily money file made loadable: every row checked and counted, the file held to its own closing lines."""

import shutil
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from connectors.core.bills import (
    HEADING_SEARCH_LINES,
    BillReader,
    amount_in,
    as_mapping,
    contradiction,
    deviation,
    write_rows,
)
from connectors.core.protocol import Connection, Part, Statement, Unpacked
from connectors.core.text import DAMAGED, ENCODINGS, Refused, encoding_of, heading, money, opened, text_lines
from connectors.pdd.layout import BILL_FORM, MARKER, NTH, PERIOD_LINE, TOTAL_LINE

START_BYTES = 8192
WANTED_HEADINGS = frozenset({"发生时间", "收入金额(+元)", "支出金额(-元)", "账务类型"})
TABLE_MEMBER = ".csv"
MAX_MEMBER_BYTES = 4 * 1024**3


@dataclass(slots=True)
class _Sums:
    """Counts and sums by side; ``idle`` rows move nothing, so either side may count them."""

    name: str
    count: int = 0
    idle: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"in": 0, "out": 0})
    sums: dict[str, Decimal] = field(default_factory=lambda: {"in": Decimal(), "out": Decimal()})
    first: str = ""
    last: str = ""
    seen: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def take(self, row: Mapping[str, str], line: int) -> str:
        """Count one row; return how many like it have come, itself included."""
        self.count += 1
        came_in = amount_in(row, "in_amount", self.name, line)
        went_out = amount_in(row, "out_amount", self.name, line)
        if came_in < 0 or went_out > 0 or (came_in and went_out):
            raise Refused(
                f"{self.name} line {line}: 收入金额 is {came_in} and 支出金额 {went_out}; allowed is one of them, "
                "收入 not negative, 支出 not positive; fetch it again"
            )
        self.sums["in"] += came_in
        self.sums["out"] -= went_out
        self.counts["in"] += bool(came_in)
        self.counts["out"] += bool(went_out)
        self.idle += not came_in and not went_out
        moment = row["occurred_at"].replace("/", "-")
        self.first, self.last = min(self.first or moment, moment), max(self.last, moment)
        key = (row["order_no"], moment, kind_code(row))
        self.seen[key] += 1
        return str(self.seen[key])

    def deviations(self, lines: Iterable[str]) -> tuple[list[str], dict[str, tuple[int, Decimal]]]:
        """Every closing total that the rows do not give, and what the closing lines state by side."""
        found: list[str] = []
        stated: dict[str, tuple[int, Decimal]] = {}
        for line in lines:
            match = TOTAL_LINE.search(line)
            if not match:
                continue
            side = "in" if match[1] == "收入" else "out"
            count, total = int(match[2]), abs(Decimal(match[3]))
            stated[side] = (count, total)
            if not self.counts[side] <= count <= self.counts[side] + self.idle:
                found.append(deviation(f"the number of rows with {match[1]}", count, self.counts[side]))
            found.append(deviation(f"{match[1]}合计", total, self.sums[side]))
        return found, stated


def kind_code(row: Mapping[str, str]) -> str:
    """The code in front of the bar of 业务描述 (``0010002|交易收入-订单收入``), else the 账务类型."""
    return row.get("description", "").partition("|")[0] or row["account_type"]


@dataclass(frozen=True, slots=True)
class _Period:
    """What the lines above the heading say the file covers."""

    start: str
    end: str

    @property
    def day(self) -> str | None:
        """The one day covered, if it is one."""
        return self.start[:10] if self.start[:10] == self.end[:10] else None

    def outside(self, first: str, last: str) -> str:
        """Which row lies outside; empty when none does. A day without a clock is the whole day."""
        end = self.end if len(self.end) > len("2026-10-01") else f"{self.end} 23:59:59"
        strange = first if first < self.start else last if last > end else ""
        return f"a row of {strange} lies outside the stated period {self.start} to {end}" if strange else ""


def unpack_bills(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Money file → one csv part; refused when it contradicts its own closing lines or period."""
    del suffix, connection
    name, out = name or path.name, workdir / f"{path.name}.bills.csv"
    try:
        table = _table(path, workdir, name)
        reader, sums = _read(table, name, out)
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    found, stated = sums.deviations(reader.trailer)
    period = _period(reader.preamble)
    if period is not None and sums.count:
        found.append(period.outside(sums.first, sums.last))
    refused = contradiction(name, found)
    both = stated if len(stated) == len(sums.counts) else {}
    statement = Statement(
        account=None,
        currency="CNY",
        statement_no=None,
        day=_day(sums, period),
        opening_balance=None,
        closing_balance=None,
        row_count=sums.count,
        in_sum=money(sums.sums["in"]),
        out_sum=money(sums.sums["out"]),
        stated_row_count=sum(count for count, _ in both.values()) if both else None,
        stated_in_sum=money(stated["in"][1]) if "in" in stated else None,
        stated_out_sum=money(stated["out"][1]) if "out" in stated else None,
    )
    part = Part(table="bills", kind="csv", path=out, columns=(*reader.columns, NTH), first_row=reader.heading_row + 1)
    return Unpacked(parts=() if refused else (part,), statements=(statement,), refused=refused)


def _day(sums: _Sums, period: _Period | None) -> str | None:
    if period is not None:
        return period.day
    same = sums.count > 0 and sums.first[:10] == sums.last[:10]
    return sums.first[:10] if same and _is_day(sums.first[:10]) else None


def _period(preamble: Iterable[str]) -> _Period | None:
    for line in preamble:
        match = PERIOD_LINE.search(line)
        if match and _is_day(match[1][:10]) and _is_day(match[2][:10]):
            return _Period(match[1], match[2])
    return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _table(path: Path, workdir: Path, name: str) -> Path:
    """The table itself: the file, or the one table inside a zip archive."""
    with path.open("rb") as raw:
        if raw.read(2) != b"PK":
            return path
    try:
        with zipfile.ZipFile(path) as archive:
            tables = [member for member in archive.infolist() if member.filename.lower().endswith(TABLE_MEMBER)]
            if len(tables) != 1 or tables[0].file_size > MAX_MEMBER_BYTES:
                raise Refused(f"{name} holds {len(tables)} tables (.csv); allowed is one; fetch it again")
            out = workdir / f"{path.name}.table.csv"
            with archive.open(tables[0]) as member, out.open("wb") as target:
                shutil.copyfileobj(member, target)
            return out
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise Refused(f"{name} is no whole zip archive; fetch it again") from None


def _read(table: Path, name: str, out: Path) -> tuple[BillReader, _Sums]:
    """One pass: check every row, write it with its count, sum it."""
    encoding = encoding_of(lambda: opened(table), name)
    reader, sums = BillReader(form=BILL_FORM, name=name), _Sums(name)

    def rows() -> Iterator[list[str]]:
        with text_lines(lambda: opened(table), encoding) as lines:
            passed = reader.rows(_without_markers(lines))
            first = next(passed, None)
            mapped = as_mapping(reader.columns)
            yield [*reader.columns, NTH]
            while first is not None:
                line = reader.heading_row + reader.row_count
                row = mapped(first)
                if not _is_moment(row["occurred_at"]):
                    raise Refused(f"{name} line {line}: 发生时间 is no time like 2026-10-01 12:00:00; fetch it again")
                # a carriage return inside a cell would end the row when it is read again
                yield [*(cell.replace("\r", " ") for cell in first), sums.take(row, line)]
                first = next(passed, None)

    write_rows(out, rows())
    return reader, sums


def _without_markers(lines: Iterable[str]) -> Iterator[str]:
    """A line of dashes only frames the table; as an empty line it may stand above or below, not between rows."""
    for line in lines:
        yield "\n" if line.startswith(MARKER) else line


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text.replace("/", "-"), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the zone comes with staging
    except ValueError:
        return False
    return True


def is_bill(path: Path) -> bool:
    """Whether the file is a money file, packed or not: no other source's export has these four headings."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"PK"
        start = _zip_start(path) if packed else _start(path)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, *DAMAGED):
        return False
    return any(
        {heading(cell) for cell in line.split(",")} >= WANTED_HEADINGS
        for encoding in ENCODINGS
        for line in start.decode(encoding, errors="ignore").splitlines()[:HEADING_SEARCH_LINES]
    )


def _start(path: Path) -> bytes:
    with opened(path) as stream:
        return stream.read(START_BYTES)


def _zip_start(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.filename.lower().endswith(TABLE_MEMBER):
                with archive.open(member) as stream:
                    return stream.read(START_BYTES)
    return b""
