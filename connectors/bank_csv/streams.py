"""Exported statements: found in a folder, proven by their running balance and totals, made loadable."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from connectors.bank_csv.client import fetch
from connectors.bank_csv.grid import grid
from connectors.bank_csv.layouts import IN_WORDS, OUT_WORDS, Layout, layout_from, layout_of
from connectors.core.banklines import COLUMNS, TABLE, Head, Line, LineBook, bank_lines, line_book, refused
from connectors.core.bills import BalanceChain, deviation
from connectors.core.protocol import Connection, Stream, Unpacked
from connectors.core.text import Refused, clean, heading

HEADING_SEARCH_ROWS = 60
AMOUNT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?|[+-]?\.\d+")
OWN_ACCOUNT = re.compile(r"(?:账号|帐号|卡号|账户号)[:：]?\s*,?\s*([0-9*]{4,30})")
OWN_CURRENCY = re.compile(r"币种[:：]\s*,?\s*([A-Z]{3}|人民币|美元|欧元|港币)")
PERIOD = re.compile(r"(\d{4})年(\d{1,2})月")
MONTH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})")
CURRENCIES = {
    "人民币": "CNY",
    "美元": "USD",
    "欧元": "EUR",
    "港币": "HKD",
    "RMB": "CNY",
    "人民币元": "CNY",
    "10": "CNY",
}
NOTHING = re.compile(r"[-—*\s]*")
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日")
CLOCK_FORMS = ("%H:%M:%S", "%H%M%S", "%H:%M")


@dataclass(slots=True)
class _Account:
    """The rows of one account and currency."""

    lines: list[Line] = field(default_factory=list)
    chain: BalanceChain = field(default_factory=BalanceChain)
    has_balances: bool = True


@dataclass(slots=True)
class _Export:
    """One file while it is read."""

    name: str
    layout: Layout
    places: Mapping[str, int]
    remarks: tuple[int, ...]
    own_account: str
    currency: str
    period: tuple[int, int] | None
    accounts: dict[tuple[str, str], _Account] = field(default_factory=dict)
    totals: tuple[Decimal, Decimal] | None = None

    def cell(self, cells: list[str], column: str) -> str:
        """A cell cleaned of what exports wrap around it; empty where the row is short or says nothing."""
        place = self.places.get(column)
        text = clean(cells[place]) if place is not None and place < len(cells) else ""
        return "" if NOTHING.fullmatch(text) else text


def unpack(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Lines as one csv part; refused when the running balance or a total is not met."""
    del suffix
    name, out = name or path.name, workdir / f"{path.name}.lines.csv"
    try:
        export = _read(path, name, layout_from(connection.options))
        with line_book(out, name) as book:
            _write(book, export, connection)
        return book.unpacked(out)
    except Refused as refusal:
        return refused(str(refusal))


def _read(path: Path, name: str, own: Layout | None) -> _Export:
    rows = grid(path, name, own.delimiter if own else ",")
    export = _headed(rows, name, own)
    for number, cells in rows:
        _take(export, number, cells)
    return export


def _headed(rows: Iterator[tuple[int, list[str]]], name: str, own: Layout | None) -> _Export:
    """Everything up to the heading: whose account it is, in which currency, for which month."""
    before: list[str] = []
    for _, cells in rows:
        layout = own if own and own.headings <= {heading(cell) for cell in cells} else None if own else layout_of(cells)
        if layout is not None:
            places: dict[str, int] = {}
            for place, cell in enumerate(cells):
                places.setdefault(heading(cell), place)
            text = "\n".join(before)
            account, currency, period = OWN_ACCOUNT.search(text), OWN_CURRENCY.search(text), PERIOD.search(text)
            return _Export(
                name=name,
                layout=layout,
                places={
                    column: places[heading(title)]
                    for column, title in layout.columns.items()
                    if heading(title) in places
                },
                remarks=tuple(places[heading(title)] for title in layout.remarks),
                own_account=account[1] if account else "",
                currency=CURRENCIES.get(currency[1], currency[1]) if currency else "",
                period=(int(period[1]), int(period[2])) if period else None,
            )
        before.append(",".join(cells))
        if len(before) >= HEADING_SEARCH_ROWS:
            break
    raise Refused(
        f"{name} has none of the known headings; allowed are the exports named in its guide, or a layout of your "
        "own in the connection's options"
    )


def _take(export: _Export, number: int, cells: list[str]) -> None:
    label = export.layout.total_label
    if label and clean(cells[0]).startswith(label):
        incoming, outgoing = (_amount(export.cell(cells, side), export) for side in ("incoming", "outgoing"))
        export.totals = (incoming or Decimal(), outgoing or Decimal())
        return
    day = export.cell(cells, "day")
    moved = _moved(export, cells)
    if not day and moved is None:
        return  # a remark of the bank below its table
    currency = export.cell(cells, "currency")
    key = (
        export.cell(cells, "own_account") or export.own_account,
        CURRENCIES.get(currency, currency) or export.currency,
    )
    account = export.accounts.setdefault(key, _Account())
    balance = _amount(export.cell(cells, "balance"), export)
    booked = _moment(export, day, export.cell(cells, "clock"), number)
    if balance is None or moved is None:
        account.has_balances = False
    else:
        account.chain.add(moved, balance)
    name, other = _party(export, cells)
    reference = export.cell(cells, "reference")
    account.lines.append(
        Line(
            amount=moved,
            raw_amount=" ".join(filter(None, (export.cell(cells, c) for c in ("amount", "incoming", "outgoing")))),
            refusal=_side_refusal(export, cells),
            booked_at=booked,
            value_date=_moment(export, export.cell(cells, "value_day"), "", number)[:10],
            balance=balance,
            counterparty_name=name,
            counterparty_account=other,
            remark=" ".join(
                dict.fromkeys(
                    text
                    for place in export.remarks
                    if place < len(cells) and not NOTHING.fullmatch(text := clean(cells[place]))
                )
            ),
            bank_reference=reference,
            # the balance after it tells apart what day and amount do not, in every export that holds the line
            line_no=reference or "/".join(filter(None, (booked, _plain(moved), _plain(balance)))),
        )
    )


def _side_refusal(export: _Export, cells: list[str]) -> str:
    """Why a row cannot be taken although its amount is readable: the word for its side is none we know."""
    if "side" not in export.places:
        return ""
    word = "".join(export.cell(cells, "side").split())
    return "" if word in IN_WORDS | OUT_WORDS else f"{word or '(empty)'} is no side such as 借 or 贷"


def _plain(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def _party(export: _Export, cells: list[str]) -> tuple[str, str]:
    """Name and account of the other side; some banks glue the two together."""
    glued = export.cell(cells, "party")
    if glued:
        found = re.fullmatch(r"(.*?)\s*([0-9*]{6,30})?", glued)
        return (found[1], found[2] or "") if found else (glued, "")
    return export.cell(cells, "name"), export.cell(cells, "account")


def _moved(export: _Export, cells: list[str]) -> Decimal | None:
    """The signed amount, money in positive; a reversal is a negative amount on its own side."""
    if "amount" not in export.places:
        incoming, outgoing = (export.cell(cells, side) for side in ("incoming", "outgoing"))
        values = [_amount(text, export) if text else Decimal() for text in (incoming, outgoing)]
        if not (incoming or outgoing) or None in values:
            return None
        return (values[0] or Decimal()) - (values[1] or Decimal())
    amount = _amount(export.cell(cells, "amount"), export)
    if amount is None or "side" not in export.places:
        return -amount if amount is not None and export.layout.is_card else amount
    word = "".join(export.cell(cells, "side").split())
    if word in OUT_WORDS:
        # where the sign is there already it says the same as the word
        return -abs(amount) if word.upper() in {"D", "DR", "DBIT"} else -amount
    return (abs(amount) if word.upper() in {"C", "CR", "CRDT"} else amount) if word in IN_WORDS else None


def _amount(text: str, export: _Export) -> Decimal | None:
    """An amount with or without thousands marks; None for anything else."""
    text = text.split("(", maxsplit=1)[0].strip()
    if export.layout.decimal == ",":
        text = text.replace(".", "").replace(",", ".")
    return Decimal(text.replace(",", "")) if AMOUNT.fullmatch(text) else None


def _moment(export: _Export, day: str, clock: str, number: int) -> str:
    """ISO 8601, local; a day without a year belongs to the statement's month or the December before it."""
    if not day:
        return ""
    text = " ".join(f"{day} {clock}".split())
    short = MONTH_DAY.fullmatch(text)
    if short and export.period:
        year, month = export.period
        return _iso(date(year - (1 if int(short[1]) > month else 0), int(short[1]), int(short[2])), None)
    head, _, tail = text.partition(" ")
    for form in (export.layout.day_format,) if export.layout.day_format else DAY_FORMS:
        try:
            return _iso(datetime.strptime(head, form).date(), _clock(tail))  # noqa: DTZ007 - the bank's own day
        except ValueError:
            continue
    raise Refused(f"{export.name} line {number}: {text[:30]!r} is no day this export knows; export it again")


def _clock(text: str) -> time | None:
    for form in CLOCK_FORMS:
        try:
            return datetime.strptime(text, form).time()  # noqa: DTZ007 - a time of day
        except ValueError:
            continue
    return None


def _iso(day: date, clock: time | None) -> str:
    return day.isoformat() if clock is None else datetime.combine(day, clock).isoformat()


def _write(book: LineBook, export: _Export, connection: Connection) -> None:
    """One statement per account and currency, each proven by its running balance."""
    if not export.accounts:
        export.accounts[export.own_account, export.currency] = _Account(has_balances=False)
    sums = [Decimal(), Decimal()]
    for (own, currency), account in export.accounts.items():
        ends = account.chain.ends() if account.has_balances and account.lines else None
        days = sorted({line.booked_at[:10] for line in account.lines if line.booked_at})
        label = f"account {own or '(unnamed)'}"
        if account.has_balances and account.lines and ends is None:
            book.deviations.append(
                f"{label}: the running balance does not follow from the amounts, in no order of rows"
            )
        for line in account.lines:
            if line.amount is not None:
                sums[0 if line.amount > 0 else 1] += abs(line.amount)
        book.add(
            Head(
                account=own,
                currency=currency or connection.currency,
                day=days[-1] if len(days) == 1 else "",
                opening=Decimal(ends[0]) if ends else None,
                closing=Decimal(ends[1]) if ends else None,
            ),
            account.lines,
        )
    if export.totals is not None:
        found = (
            deviation("the incoming total", export.totals[0], sums[0]),
            deviation("the outgoing total", export.totals[1], sums[1]),
        )
        book.deviations.extend(filter(None, found))


def recognises(path: Path) -> bool:
    """Whether one of the first rows is a heading this source knows."""
    if path.suffix.lower() not in {".csv", ".gz", ".txt", ".xls", ".xlsx"}:
        return False
    try:
        for place, (_, cells) in enumerate(grid(path, path.name, ",")):
            if layout_of(cells) is not None:
                return True
            if place >= HEADING_SEARCH_ROWS:
                return False
    except (OSError, Refused):
        return False
    return False


LINES = Stream(
    name="lines",
    day_kind="drop",
    tables={TABLE: COLUMNS},
    fetch=fetch,
    unpack=unpack,
    canonical=bank_lines,
    ready_at=time(8, 0),
    reads=recognises,
)
