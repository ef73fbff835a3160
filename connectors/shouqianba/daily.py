"""The daily file of 利楚扫呗 (lcsw): no heading, 28 values a row, whole fen; each row becomes one JSON record."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from connectors.core.answers import RECORD
from connectors.core.protocol import Connection, Part, Statement, Unpacked
from connectors.core.sheets import is_workbook, sheet_rows
from connectors.core.text import Refused, clean, money

COLUMNS = (
    "merchant_no", "terminal_no", "traded_at", "refunded_at", "amount_minor", "fee_minor", "refund_minor", "net_minor",
    "method", "pay_kind", "state", "trade_no", "original_no", "terminal_trace", "channel_no", "trade_day", "user",
    "card_kind", "attached", "merchant_discount_minor", "merchant_received_minor", "buyer_paid_minor",
    "platform_discount_minor", "remark", "device_no", "bank_mark", "branch_name", "channel_kind",
)  # fmt: skip
MONEY = tuple(name for name in COLUMNS if name.endswith("_minor"))
FEN = re.compile(r"[+-]?[0-9]{1,16}")
COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")
SPELT = re.compile(r"20\d{2}[-/]\d{2}[-/]\d{2}([ T]\d{2}:\d{2}:\d{2})?")
DONE_CODES = ("1", "01", "5", "05", "SUCCESS", "成功", "支付成功", "退款成功")
FAILED_CODES = ("2", "02", "6", "06", "FAIL", "失败", "支付失败", "退款失败")
OPEN_CODES = ("3", "03", "支付中", "退款中")
CLOSED_CODES = ("4", "04", "已撤销", "已关闭")


@dataclass(slots=True)
class _Sums:
    """What the file says, counted from its rows."""

    rows: int = 0
    paid: int = 0
    refunded: int = 0
    days: set[str] = field(default_factory=set)


def status_of(code: str, connection: Connection) -> str:
    """What a state means; which codes mean done can be set, since no document lists them all."""
    done = tuple(str(value) for value in connection.options.get("done_codes", DONE_CODES))
    told = {"succeeded": done, "failed": FAILED_CODES, "processing": OPEN_CODES, "closed": CLOSED_CODES}
    return next((status for status, codes in told.items() if code in codes), "")


def unpack_daily(path: Path, workdir: Path, connection: Connection, name: str) -> Unpacked:
    """Every row of the day; one of another width refuses them all."""
    out, sums = workdir / f"{path.name}.payments.ndjson", _Sums()
    try:
        with out.open("w", encoding="utf-8") as written:
            for row in _rows(path, name):
                row["status"] = status_of(row["state"], connection)
                _add(sums, row)
                written.write(json.dumps(row, ensure_ascii=False) + "\n")
        if not sums.rows:
            raise Refused(f"{name} holds no rows; allowed is the file as downloaded, fetch it again")  # noqa: TRY301 - one way out for every refusal
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    statement = Statement(
        account=None,
        currency="CNY",
        statement_no=None,
        day=next(iter(sums.days)) or None if len(sums.days) == 1 else None,
        opening_balance=None,
        closing_balance=None,
        row_count=sums.rows,
        in_sum=money(Decimal(sums.paid).scaleb(-2)),
        out_sum=money(Decimal(sums.refunded).scaleb(-2)),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )
    part = Part("payments", "json", out, RECORD, first_row=1, items="$", lines=True)
    return Unpacked(parts=(part,), statements=(statement,))


def _rows(path: Path, name: str) -> Iterator[dict[str, str]]:
    for _, number, cells in sheet_rows(path, name):
        if len(cells) != len(COLUMNS):
            raise Refused(f"{name} line {number} has {len(cells)} values, allowed: {len(COLUMNS)}; fetch it again")
        row = {column: clean(cell) for column, cell in zip(COLUMNS, cells, strict=True)}
        for column in MONEY:
            if row[column] and not FEN.fullmatch(row[column]):
                raise Refused(f"{name} line {number}: {column} is no whole fen; fetch it again")
        row["traded_at"], row["refunded_at"] = _moment(row["traded_at"]), _moment(row["refunded_at"])
        row["trade_day"] = _moment(row["trade_day"])
        yield row


def _moment(text: str) -> str:
    """``20261008090000`` as a time, ``20261008`` as a day; any other text stays as it is and is told later."""
    found = COMPACT.fullmatch(text)
    if found is None:
        return text.replace("/", "-")
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}:{second}" if hour else "")


def _add(sums: _Sums, row: Mapping[str, str]) -> None:
    sums.rows += 1
    sums.days.add(row["trade_day"])
    if row["status"] == "succeeded":
        if row["original_no"]:
            sums.refunded += refunded_minor(row)
        else:
            sums.paid += abs(int(row["amount_minor"] or 0))


def refunded_minor(row: Mapping[str, str]) -> int:
    """What a refund row gave back; a file without its own column has it in the amount."""
    return abs(int(row["refund_minor"] or 0)) or abs(int(row["amount_minor"] or 0))


def is_daily(path: Path) -> bool:
    """Whether the first row has 28 values of which five are fen and the third is a time."""
    try:
        if is_workbook(path):
            return False
        for _, _, cells in sheet_rows(path, path.name):
            if len(cells) != len(COLUMNS):
                return False
            row = dict(zip(COLUMNS, map(clean, cells), strict=True))
            told = COMPACT.fullmatch(row["traded_at"]) or SPELT.fullmatch(row["traded_at"])
            return bool(told) and all(FEN.fullmatch(row[column]) or not row[column] for column in MONEY)
    except (Refused, OSError):
        return False
    return False
