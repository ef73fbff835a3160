"""WeChat Pay's two bills: how they are fetched, checked against their own footer, and made loadable."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from pathlib import Path

from connectors.core.bills import (
    BalanceChain,
    BillForm,
    BillReader,
    amount_in,
    as_mapping,
    contradiction,
    deviation,
    write_rows,
)
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import BadRequest, ConnectorError
from connectors.core.protocol import (
    Connection,
    Delivery,
    Part,
    Statement,
    Stream,
    Tools,
    Unpacked,
    Window,
)
from connectors.core.text import DAMAGED, Refused, amount, encoding_of, heading, money, opened, text_lines
from connectors.wechatpay.client import client_for, fund_bill_query, trade_bill_query
from connectors.wechatpay.layout import (
    ACCOUNT_TYPE,
    FUND_COLUMNS,
    FUND_FORM,
    TRADE_COLUMNS,
    TRADE_FORM,
    TRADE_TOTALS,
)
from connectors.wechatpay.records import fund_records, trade_records

PERSONAL = "微信支付账单明细"
ACCOUNT_TYPES = ("BASIC", "OPERATION", "FEES")
DROP_NAMES = {"trades": "tradebill", "funds": "fundflowbill"}
FOOTER_LINES = 2
START_BYTES = 8192
TRADE_SUMS = (
    "settlement_amount",
    "refund_amount",
    "coupon_refund_amount",
    "fee",
    "order_amount",
    "refund_requested_amount",
)


@dataclass(frozen=True, slots=True)
class Ask:
    """One bill to ask for."""

    path: str
    query: Mapping[str, str]
    label: str


@dataclass(slots=True)
class _Sums:
    """What is counted while the rows pass by once."""

    name: str
    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)
    parties: set[str] = field(default_factory=set)
    chain: BalanceChain = field(default_factory=BalanceChain)

    def add(self, column: str, value: Decimal) -> None:
        self.sums[column] = self.sums.get(column, Decimal()) + value

    def take_trade(self, row: Mapping[str, str], line: int) -> None:
        self.count += 1
        for column in TRADE_SUMS:
            self.add(column, amount_in(row, column, self.name, line))
        self.days.add(row["traded_at"][:10].replace("/", "-"))
        sub = row.get("sub_mch_id", "")
        self.parties.add(sub if sub.strip("0") else row.get("mch_id", ""))

    def take_fund(self, row: Mapping[str, str], line: int) -> None:
        self.count += 1
        moved = amount_in(row, "amount", self.name, line, empty="")
        if row["direction"] not in {"收入", "支出"}:
            raise Refused(
                f"{self.name} line {line}: 收支类型 is {row['direction']!r}, allowed: 收入, 支出; fetch it again"
            )
        self.add(row["direction"], moved)
        self.add(f"{row['direction']}笔数", Decimal(1))
        self.days.add(row["booked_at"][:10].replace("/", "-"))
        balance = amount(row["balance"])
        if balance is not None:
            self.chain.add(moved if row["direction"] == "收入" else -moved, balance)

    def day(self) -> str | None:
        """The one day of all rows, if there is one."""
        only = next(iter(self.days)) if len(self.days) == 1 else ""
        try:
            return date.fromisoformat(only).isoformat()
        except ValueError:
            return None


def _read(
    path: Path,
    encoding: str,
    form: BillForm,
    name: str,
    *,
    take: Callable[[_Sums], Callable[[Mapping[str, str], int], None]],
    out: Path,
) -> tuple[BillReader, _Sums]:
    """One pass: check every row, write it, count it."""
    reader, sums = BillReader(form=form, name=name), _Sums(name)
    account_type = next((kind for kind in ACCOUNT_TYPES if f"_{kind}_" in name), "")

    def rows() -> Iterator[list[str]]:
        with text_lines(lambda: opened(path), encoding) as lines:
            passed = reader.rows(lines)
            first = next(passed, None)
            mapped, count = as_mapping(reader.columns), take(sums)
            yield [*reader.columns, *([ACCOUNT_TYPE] if form is FUND_FORM else [])]
            while first is not None:
                count(mapped(first), reader.heading_row + reader.row_count)
                yield [*first, *([account_type] if form is FUND_FORM else [])]
                first = next(passed, None)

    write_rows(out, rows())
    return reader, sums


def _checked_text(path: Path, name: str) -> str:
    """The text's encoding. What is often taken for a bill is refused by name instead of for "no heading"."""
    with path.open("rb") as raw:
        if raw.read(2) == b"PK":
            raise Refused(f"{name} is a zip archive; allowed is the CSV or gzip bill, so unpack it first")
    encoding = encoding_of(lambda: opened(path), name)
    with opened(path) as stream:
        start = stream.read(START_BYTES).decode(encoding, errors="ignore")
    if start.startswith(PERSONAL):
        raise Refused(
            f"{name} is a personal export of the WeChat app; allowed is the merchant bill (交易账单 or 资金账单) "
            "from the merchant platform"
        )
    if start.lstrip().startswith(("<", "{")):
        raise Refused(f"{name} is an error answer of the source, no bill; fetch it again")
    return encoding


def unpack_trades(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Trade bill → one csv part; refused when it contradicts its own footer."""
    del suffix, connection
    name, out = name or path.name, workdir / f"{path.name}.trades.csv"
    try:
        encoding = _checked_text(path, name)
        reader, sums = _read(path, encoding, TRADE_FORM, name, take=lambda sums: sums.take_trade, out=out)
        stated = {title: _stated(name, title, text) for title, text in reader.footer.items() if title in TRADE_TOTALS}
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    refused = contradiction(
        name,
        [
            deviation(title, value, sums.count if column is None else sums.sums.get(column, Decimal()))
            for title, value in stated.items()
            for column in [TRADE_TOTALS[title]]
        ],
    )
    by_column = {TRADE_TOTALS[title]: value for title, value in stated.items()}
    statement = Statement(
        account=next(iter(sums.parties)) if len(sums.parties) == 1 else None,
        currency="CNY",
        statement_no=None,
        day=sums.day(),
        opening_balance=None,
        closing_balance=None,
        row_count=sums.count,
        in_sum=money(sums.sums.get("settlement_amount", Decimal())),
        out_sum=money(sums.sums.get("refund_amount", Decimal())),
        stated_row_count=_count(by_column.get(None)),
        stated_in_sum=_text(by_column.get("settlement_amount")),
        stated_out_sum=_text(by_column.get("refund_amount")),
    )
    parts = () if refused else (_part("trades", out, reader),)
    return Unpacked(parts=parts, statements=(statement,), refused=refused)


def unpack_funds(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Fund bill → one csv part; refused when it contradicts its own footer."""
    del suffix, connection
    name, out = name or path.name, workdir / f"{path.name}.funds.csv"
    try:
        encoding = _checked_text(path, name)
        reader, sums = _read(path, encoding, FUND_FORM, name, take=lambda sums: sums.take_fund, out=out)
        stated = {title: _stated(name, title, text) for title, text in reader.footer.items()}
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    found = {"资金流水总笔数": Decimal(sums.count)}
    for way in ("收入", "支出"):
        found |= {f"{way}笔数": sums.sums.get(f"{way}笔数", Decimal()), f"{way}金额": sums.sums.get(way, Decimal())}
    refused = contradiction(name, [deviation(title, stated.get(title), value) for title, value in found.items()])
    ends = sums.chain.ends()
    notes = ("the balances of the rows form no chain",) if sums.count and ends is None else ()
    statement = Statement(
        account=None,
        currency="CNY",
        statement_no=None,
        day=sums.day(),
        opening_balance=ends[0] if ends else None,
        closing_balance=ends[1] if ends else None,
        row_count=sums.count,
        in_sum=money(sums.sums.get("收入", Decimal())),
        out_sum=money(sums.sums.get("支出", Decimal())),
        stated_row_count=_count(stated.get("资金流水总笔数")),
        stated_in_sum=_text(stated.get("收入金额")),
        stated_out_sum=_text(stated.get("支出金额")),
    )
    parts = () if refused else (_part("funds", out, reader, extra=(ACCOUNT_TYPE,)),)
    return Unpacked(parts=parts, statements=(statement,), refused=refused, notes=notes)


def _stated(name: str, title: str, text: str) -> Decimal:
    """A footer value; counts are sometimes written with a decimal (``20.0``)."""
    value = amount(text)
    if value is None:
        raise Refused(f"{name}: footer total {title} is no plain number; fetch it again")
    return value


def _count(value: Decimal | None) -> int | None:
    return None if value is None else int(value)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else money(value)


def _part(table: str, out: Path, reader: BillReader, *, extra: tuple[str, ...] = ()) -> Part:
    return Part(table=table, kind="csv", path=out, columns=(*reader.columns, *extra), first_row=reader.heading_row + 1)


def _stated_in_tail(tail: str) -> dict[str, str]:
    """The footer of a bill just downloaded, for the archive's entry; best effort, the check comes at unpacking."""
    lines = [line for line in tail.splitlines() if line.strip()]
    if len(lines) < FOOTER_LINES:
        return {}
    names, values = lines[-2].split(","), [value.strip("` \r") for value in lines[-1].split(",")]
    stated = dict(zip(names, values, strict=False))
    found = {
        "rows": stated.get("总交易单数") or stated.get("资金流水总笔数"),
        "in_sum": stated.get("应结订单总金额") or stated.get("收入金额"),
        "out_sum": stated.get("退款总金额") or stated.get("支出金额"),
    }
    return {key: text for key, text in found.items() if text}


def _fetch(
    connection: Connection, window: Window, tools: Tools, stream: str, asks: Callable[[date], list[Ask]]
) -> Iterator[Delivery]:
    if connection.path is not None:
        label = DROP_NAMES[stream]
        yield from delivered_files(connection, tools, (f"*{label}*.csv", f"*{label}*.csv.gz"), window=window)
        return
    day = None
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            for ask in asks(day):
                bill = client.bill(ask.path, ask.query)
                if bill is None:
                    continue
                suffix = "csv.gz" if bill.body[:2] == b"\x1f\x8b" else "csv"
                yield Delivery(
                    body=bill.body,
                    suffix=suffix,
                    day=day,
                    window=day_window(day, SHANGHAI),
                    request={"path": ask.path, **ask.query},
                    name=f"{ask.label}_{day.isoformat()}.{suffix}",
                    stated=_stated_in_tail(bill.tail),
                )
    except ConnectorError as error:
        raise error.at(
            source="wechatpay", stream=stream, window=day_window(day, SHANGHAI) if day else window
        ) from error.__cause__


def fetch_trades(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """One trade bill per day; a day without activity brings none."""
    return _fetch(
        connection,
        window,
        tools,
        "trades",
        lambda day: [Ask("/v3/bill/tradebill", trade_bill_query(day), "tradebill_ALL")],
    )


def fetch_funds(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """One fund bill per day and account; option ``account_types`` adds OPERATION and FEES to BASIC."""
    asked = connection.options.get("account_types") or ("BASIC",)
    unknown = sorted(set(asked) - set(ACCOUNT_TYPES))
    if unknown:
        raise BadRequest(f"account type {unknown[0]} does not exist; allowed: {', '.join(ACCOUNT_TYPES)}")
    return _fetch(
        connection,
        window,
        tools,
        "funds",
        lambda day: [
            Ask("/v3/bill/fundflowbill", fund_bill_query(day, kind), f"fundflowbill_{kind}") for kind in asked
        ],
    )


def stream_of(path: Path) -> str | None:
    """Which of the two bills a file is; a personal export counts as a trade bill, so that it is refused by name."""
    try:
        with opened(path) as stream:
            text = stream.read(START_BYTES).decode("utf-8-sig", errors="ignore")
    except (OSError, *DAMAGED):
        return None
    names = {heading(cell) for cell in text.split("\n", 1)[0].split(",")}
    if {"资金流水单号", "微信支付业务单号"} <= names:
        return "funds"
    return "trades" if {"微信订单号", "交易状态"} <= names or text.startswith(PERSONAL) else None


def recognises(path: Path) -> bool:
    """Whether the file is one of WeChat Pay's exports."""
    return stream_of(path) is not None


TRADES = Stream(
    name="trades",
    day_kind="bill",
    tables={"trades": TRADE_COLUMNS},
    fetch=fetch_trades,
    unpack=unpack_trades,
    canonical=trade_records,
    ready_at=time(10, 0),
    recheck_days=3,
    reads=lambda path: stream_of(path) == "trades",
)
FUNDS = Stream(
    name="funds",
    day_kind="bill",
    tables={"funds": FUND_COLUMNS},
    fetch=fetch_funds,
    unpack=unpack_funds,
    canonical=fund_records,
    ready_at=time(10, 0),
    recheck_days=3,
    reads=lambda path: stream_of(path) == "funds",
)
