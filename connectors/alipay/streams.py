"""Alipay's two bills: how they are fetched, held to their own closing lines, and made loadable."""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO

from connectors.alipay.client import client_for
from connectors.alipay.layout import (
    ACCOUNT_LINE,
    CLOSING_LINE,
    FUND_COLUMNS,
    FUND_FORM,
    PERIOD_LINE,
    PERSONAL_MARKS,
    SUMMARY_FORM,
    SUMMARY_MARK,
    TRADE_COLUMNS,
    TRADE_FORM,
)
from connectors.alipay.records import fund_records, trade_records
from connectors.core.bills import (
    BalanceChain,
    BillReader,
    amount_in,
    as_mapping,
    contradiction,
    deviation,
    write_rows,
)
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import Connection, Delivery, Part, Statement, Stream, Tools, Unpacked, Window
from connectors.core.text import DAMAGED, Refused, amount, encoding_of, heading, money, opened, text_lines

BILL_TYPES = {"trades": "trade", "funds": "signcustomer"}
MEMBER_MARKS = {"trades": "业务明细", "funds": "账务明细"}
FORMS = {"trades": TRADE_FORM, "funds": FUND_FORM}
DROP_PATTERNS = ("*.csv.zip", "*.zip", "*.csv")
START_BYTES = 8192


@dataclass(slots=True)
class _Sums:
    """Counts and sums by side (in, out); ``idle`` rows move nothing, so either side may count them."""

    name: str
    idle: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"in": 0, "out": 0})
    sums: dict[str, Decimal] = field(default_factory=lambda: {"in": Decimal(), "out": Decimal()})
    chain: BalanceChain = field(default_factory=BalanceChain)

    def take_trade(self, row: Mapping[str, str], line: int) -> None:
        side = "out" if row["business_type"] == "退款" else "in"
        self.counts[side] += 1
        self.sums[side] += amount_in(row, "received_amount", self.name, line)

    def take_fund(self, row: Mapping[str, str], line: int) -> None:
        came_in = amount_in(row, "in_amount", self.name, line)
        went_out = -abs(amount_in(row, "out_amount", self.name, line))
        self.sums["in"] += came_in
        self.sums["out"] += went_out
        self.counts["in"] += bool(came_in)
        self.counts["out"] += bool(went_out)
        self.idle += not came_in and not went_out
        balance = amount(row["balance"])
        if balance is not None:
            self.chain.add(came_in + went_out, balance)

    def deviations(self, stated: Mapping[str, tuple[int, Decimal]]) -> list[str]:
        """Every stated total that the rows do not give."""
        labels = {"in": "the total of incoming money", "out": "the total of outgoing money"}
        found = []
        for side, (count, total) in stated.items():
            if not self.counts[side] <= count <= self.counts[side] + self.idle:
                found.append(deviation(f"{labels[side]}: the count", count, self.counts[side]))
            found.append(deviation(f"{labels[side]}: the sum", abs(total), abs(self.sums[side])))
        return found


def closing_lines(lines: list[str]) -> dict[str, tuple[int, Decimal]]:
    """Side → (count, sum) as the bill's last lines state them."""
    found = (CLOSING_LINE.search(line) for line in lines)
    sides = {"交易": "in", "收入": "in", "退款": "out", "支出": "out"}
    return {sides[match[1]]: (int(match[2]), Decimal(match[3])) for match in found if match}


def _opener(path: Path, name: str, stream: str) -> Callable[[], IO[bytes]]:
    """A function that opens the detail bill's bytes: the file itself, or the member with the right decoded name."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as raw:
            if raw.read(4).startswith(b"PK"):
                raise Refused(f"{name} is a zip archive that is cut off; fetch it again")
        return lambda: opened(path)
    # The service writes member names as GBK without saying so.
    with zipfile.ZipFile(path, metadata_encoding="gb18030") as archive:
        names = [member.filename for member in archive.infolist() if not member.is_dir()]
        damaged = archive.testzip()
    mark = MEMBER_MARKS[stream]
    details = [member for member in names if mark in member and SUMMARY_MARK not in member]
    if damaged or len(details) != 1:
        what = "is damaged" if damaged else f"holds {len(details)} files named …{mark}, one is needed"
        raise Refused(f"{name} {what}; fetch it again")
    return lambda: _member(path, details[0])


def _member(path: Path, member: str) -> IO[bytes]:
    with zipfile.ZipFile(path, metadata_encoding="gb18030") as archive:
        return archive.open(member)


def _unpack(path: Path, workdir: Path, name: str, stream: str) -> Unpacked:
    out = workdir / f"{path.name}.{stream}.csv"
    try:
        open_bytes = _opener(path, name, stream)
        encoding = encoding_of(open_bytes, name)
        start = _start(open_bytes, encoding)
        _refuse_personal(start, name)
        if stream == "funds" and _is_summary(start):
            return _unpack_summary(name, open_bytes, encoding)
        reader, sums = _read(open_bytes, encoding, name, stream, out)
    except (zipfile.BadZipFile, RuntimeError, *DAMAGED):
        return Unpacked(refused=f"{name} is damaged; fetch it again")
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    stated = closing_lines(reader.trailer)
    refused = contradiction(name, sums.deviations(stated))
    statement, notes = _statement(reader, sums, stated, stream)
    part = Part(table=stream, kind="csv", path=out, columns=reader.columns, first_row=reader.heading_row + 1)
    return Unpacked(parts=() if refused else (part,), statements=(statement,), refused=refused, notes=notes)


def _start(open_bytes: Callable[[], IO[bytes]], encoding: str) -> str:
    with closing(open_bytes()) as raw:
        return raw.read(START_BYTES).decode(encoding, errors="ignore")


def _refuse_personal(start: str, name: str) -> None:
    if any(mark in start for mark in PERSONAL_MARKS):
        raise Refused(
            f"{name} is a personal export of the Alipay app; allowed is the merchant bill (业务明细 or 账务明细)"
        )


def _read(
    open_bytes: Callable[[], IO[bytes]], encoding: str, name: str, stream: str, out: Path
) -> tuple[BillReader, _Sums]:
    reader, sums = BillReader(form=FORMS[stream], name=name), _Sums(name)
    take = sums.take_trade if stream == "trades" else sums.take_fund

    def rows() -> Iterator[list[str]]:
        with text_lines(open_bytes, encoding) as lines:
            passed = reader.rows(lines)
            cells = next(passed, None)
            mapped = as_mapping(reader.columns)
            yield list(reader.columns)
            while cells is not None:
                take(mapped(cells), reader.heading_row + reader.row_count)
                yield cells
                cells = next(passed, None)

    write_rows(out, rows())
    return reader, sums


def _statement(
    reader: BillReader, sums: _Sums, stated: Mapping[str, tuple[int, Decimal]], stream: str
) -> tuple[Statement, tuple[str, ...]]:
    account, day = _preamble(reader.preamble)
    ends = sums.chain.ends() if stream == "funds" else None
    broken = stream == "funds" and bool(reader.row_count) and ends is None
    statement = Statement(
        account=account,
        currency="CNY",
        statement_no=None,
        day=day,
        opening_balance=ends[0] if ends else None,
        closing_balance=ends[1] if ends else None,
        row_count=reader.row_count,
        in_sum=money(abs(sums.sums["in"])),
        out_sum=money(abs(sums.sums["out"])),
        stated_row_count=sum(count for count, _ in stated.values()) if stated else None,
        stated_in_sum=money(abs(stated["in"][1])) if "in" in stated else None,
        stated_out_sum=money(abs(stated["out"][1])) if "out" in stated else None,
    )
    return statement, ("the balances of the rows form no chain",) if broken else ()


def _preamble(lines: list[str]) -> tuple[str | None, str | None]:
    """(account, day) as the lines above the heading say; no day when the bill covers more than one."""
    account = next((match[1] for match in map(ACCOUNT_LINE.search, lines) if match), None)
    period = next((match for match in map(PERIOD_LINE.search, lines) if match), None)
    if period is None:
        return account, None
    first = date(int(period[1]), int(period[2]), int(period[3]))
    last = date(int(period[4]), int(period[5]), int(period[6]))
    return account, first.isoformat() if last - first <= timedelta(days=1) else None


def _is_summary(start: str) -> bool:
    return any(
        {heading(cell) for cell in line.split(",")}.issuperset(SUMMARY_FORM.columns) for line in start.splitlines()[:10]
    )


def _unpack_summary(name: str, open_bytes: Callable[[], IO[bytes]], encoding: str) -> Unpacked:
    """A summary has no rows: it proves an empty day, or it is the wrong file."""
    reader = BillReader(form=SUMMARY_FORM, name=name)
    with text_lines(open_bytes, encoding) as lines:
        rows = [dict(zip(reader.columns, cells, strict=True)) for cells in reader.rows(lines)]
    total = next((row for row in rows if row["type"] == "合计"), None)
    if total is None:
        raise Refused(f"{name} is a summary (账务汇总) without its line 合计; allowed is the detail (账务明细)")
    counts = [int(amount_in(total, column, name, reader.heading_row)) for column in ("in_count", "out_count")]
    sums = [abs(amount_in(total, column, name, reader.heading_row)) for column in ("in_sum", "out_sum")]
    statement = Statement(
        account=_preamble(reader.preamble)[0],
        currency="CNY",
        statement_no=None,
        day=_preamble(reader.preamble)[1],
        opening_balance=None,
        closing_balance=None,
        row_count=0,
        in_sum="0.00",
        out_sum="0.00",
        stated_row_count=sum(counts),
        stated_in_sum=money(sums[0]),
        stated_out_sum=money(sums[1]),
    )
    refused = None
    if any(counts) or any(sums):
        refused = f"{name} is a summary (账务汇总) of {sum(counts)} movements; allowed is the detail (账务明细)"
    return Unpacked(statements=(statement,), refused=refused, notes=("a summary of a day without movements",))


def unpack_trades(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """业务明细 → one csv part; refused when it contradicts its own closing lines."""
    del suffix, connection
    return _unpack(path, workdir, name or path.name, "trades")


def unpack_funds(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """账务明细 → one csv part; refused when it contradicts its own closing lines."""
    del suffix, connection
    return _unpack(path, workdir, name or path.name, "funds")


def _fetch(connection: Connection, window: Window, tools: Tools, stream: str) -> Iterator[Delivery]:
    if connection.path is not None:
        for delivery in delivered_files(connection, tools, DROP_PATTERNS, window=window):
            # what is neither bill is taken in too, once, so that it is refused by name and not passed over
            if (stream_of(connection.path / delivery.request["file"]) or "trades") == stream:
                yield delivery
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            asked = day_window(day, SHANGHAI)
            bill = client.bill(BILL_TYPES[stream], day)
            yield Delivery(
                body=bill.body,
                suffix="csv.zip",
                day=day,
                window=asked,
                request={"bill_type": BILL_TYPES[stream], "bill_date": day.isoformat()},
                name=bill.name,
            )
    except ConnectorError as error:
        raise error.at(source="alipay", stream=stream, window=asked) from error.__cause__


def fetch_trades(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """One trade bill per day; a quiet day's bill has no rows but does arrive."""
    return _fetch(connection, window, tools, "trades")


def fetch_funds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """One fund bill per day; a quiet day's bill has no rows but does arrive."""
    return _fetch(connection, window, tools, "funds")


def stream_of(path: Path) -> str | None:
    """Which of the two bills a file is; a personal export counts as a trade bill, so that it is refused by name."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path, metadata_encoding="gb18030") as archive:
                names = " ".join(archive.namelist())
            return next((stream for stream, mark in MEMBER_MARKS.items() if mark in names), None)
        with opened(path) as raw:
            start = raw.read(START_BYTES)
    except (OSError, zipfile.BadZipFile, RuntimeError, *DAMAGED):
        return None
    texts = [start.decode(encoding, errors="ignore") for encoding in ("utf-8-sig", "gb18030")]
    for text in texts:
        lines = text.splitlines()[:30]
        names_by_line = [{heading(cell) for cell in line.split(",")} for line in lines]
        if any({"账务流水号", "业务流水号", "账户余额(元)"} <= names for names in names_by_line) or _is_summary(text):
            return "funds"
        if any({"支付宝交易号", "商家实收(元)"} <= names for names in names_by_line) or (
            "支付宝" in text and any(mark in text for mark in PERSONAL_MARKS)
        ):
            return "trades"
    return None


def recognises(path: Path) -> bool:
    """Whether the file is one of Alipay's exports."""
    return stream_of(path) is not None


def _stream(name: str) -> Stream:
    is_trades = name == "trades"
    return Stream(
        name=name,
        day_kind="bill",
        tables={name: TRADE_COLUMNS if is_trades else FUND_COLUMNS},
        fetch=fetch_trades if is_trades else fetch_funds,
        unpack=unpack_trades if is_trades else unpack_funds,
        canonical=trade_records if is_trades else fund_records,
        ready_at=time(10, 0),
        recheck_days=3,
        reads=lambda path: stream_of(path) == name,
    )


TRADES, FUNDS = _stream("trades"), _stream("funds")
