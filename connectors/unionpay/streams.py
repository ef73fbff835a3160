"""UnionPay's daily file: fetched by settlement day, unwrapped (base64, zlib, ZIP), its lines made loadable."""

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.bills import write_rows
from connectors.core.canonical import Unusable, collected, local_time
from connectors.core.days import SHANGHAI, day_window, days_of
from connectors.core.drops import delivered_files
from connectors.core.errors import ConnectorError
from connectors.core.protocol import (
    Canonical,
    Connection,
    Delivery,
    Part,
    Statement,
    Stream,
    Tools,
    Unpacked,
    Window,
)
from connectors.core.text import Refused, money
from connectors.unionpay.client import answer_fields, client_for
from connectors.unionpay.layout import COLUMNS, Member, cells_of, member_named

DROP_PATTERNS = ("INN*.txt", "INN*.zip", "*.upfile")
MARK = b"fileContent="
TYPES = {"S22": "payment", "S30": "refund"}
MOST_BYTES = 512 * 1024**2


@dataclass(slots=True)
class _Sums:
    count: int = 0
    sums: dict[str, int] = field(default_factory=lambda: {"S22": 0, "S30": 0})

    def take(self, row: dict[str, str]) -> None:
        self.count += 1
        if row["file_kind"] == "ZM" and row["trade_code"] in self.sums:
            self.sums[row["trade_code"]] += int(row["amount_minor"])


def fetch_trades(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """One answer per settlement day."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, DROP_PATTERNS)
        return
    asked = window
    try:
        client = client_for(connection, tools)
        for day in days_of(window, SHANGHAI):
            asked = day_window(day, SHANGHAI)
            yield Delivery(
                body=client.file(day),
                suffix="upfile",
                day=day,
                window=asked,
                request={"txnType": "76", "settleDate": day.strftime("%m%d")},
                name=f"unionpay_{day.isoformat()}.upfile",
            )
    except ConnectorError as error:
        raise error.at(source="unionpay", stream="trades", window=asked) from error.__cause__


def members_of(body: bytes, name: str) -> list[tuple[str, bytes]]:
    """(name, bytes) of every detail and error file inside an answer, an archive or a single file."""
    if MARK in body[:4096] or b"&" + MARK in body:
        body = _unwrapped(body, name)
    if body[:2] != b"PK":
        return [(name, body)]
    try:
        with zipfile.ZipFile(io.BytesIO(body), metadata_encoding="gb18030") as archive:
            infos = [info for info in archive.infolist() if member_named(info.filename)]
            if sum(info.file_size for info in infos) > MOST_BYTES:
                raise Refused(f"{name} unpacks to more than {MOST_BYTES} bytes; allowed is one day's file")
            found = [(info.filename, archive.read(info)) for info in infos]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        raise Refused(f"{name} is a zip archive that is damaged or cut off; fetch it again") from None
    if not any(named and named.kind == "ZM" for named in (member_named(member) for member, _ in found)):
        raise Refused(f"{name} holds no file named INN<yyMMdd>…ZM_…; fetch it again")
    return found


def _unwrapped(body: bytes, name: str) -> bytes:
    try:
        packed = base64.b64decode(answer_fields(body).get("fileContent", ""), validate=True)
        inflater = zlib.decompressobj()
        content = inflater.decompress(packed, MOST_BYTES)
    except (binascii.Error, zlib.error, ValueError):
        raise Refused(f"{name}: fileContent is no base64 of deflated bytes; fetch it again") from None
    if not inflater.eof or inflater.unconsumed_tail:
        raise Refused(f"{name}: fileContent is cut off; fetch it again")
    if content[:2] != b"PK":
        raise Refused(f"{name}: fileContent holds no zip archive; fetch it again")
    return content


def _members(path: Path, name: str) -> list[tuple[Member, str, bytes]]:
    """The files of one settlement day, each with what its name says."""
    found = []
    for member_name, body in members_of(path.read_bytes(), name):
        member = member_named(member_name)
        if member is None:
            raise Refused(
                f"{member_name} has no settlement date in its name, and its lines have no year; allowed is the name as "
                "downloaded, such as INN26100888ZM_777290058110097.txt"
            )
        found.append((member, member_name, body))
    if len({member.settled_on for member, *_ in found}) > 1:
        raise Refused(f"{name} mixes settlement days; allowed is one day's file, fetch it again")
    return found


def _lines(member: Member, name: str, body: bytes) -> Iterator[dict[str, str]]:
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line.strip():
            yield cells_of(line.removesuffix(b"\r"), member, name, number)


def unpack_trades(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """Every line of the day's files → one csv part; one broken line refuses them all."""
    del suffix, connection
    name, out, sums = name or path.name, workdir / f"{path.name}.trades.csv", _Sums()
    seen: list[Member] = []
    rows: list[list[str]] = [list(COLUMNS)]
    try:
        for member, member_name, body in _members(path, name):
            seen.append(member)
            for row in _lines(member, member_name, body):
                sums.take(row)
                rows.append([row.get(column, "") for column in COLUMNS])
    except Refused as refusal:
        return Unpacked(refused=str(refusal))
    write_rows(out, rows)
    statement = Statement(
        account=seen[0].merchant_no,
        currency="CNY",
        statement_no=None,
        day=seen[0].settled_on.isoformat(),
        opening_balance=None,
        closing_balance=None,
        row_count=sums.count,
        in_sum=money(Decimal(sums.sums["S22"]).scaleb(-2)),
        out_sum=money(Decimal(sums.sums["S30"]).scaleb(-2)),
        stated_row_count=None,
        stated_in_sum=None,
        stated_out_sum=None,
    )
    return Unpacked(parts=(Part("trades", "csv", out, COLUMNS, first_row=1),), statements=(statement,))


def trade_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Lines as ``payments``; a code that is neither purchase nor return is shown as what it is."""
    del connection
    return collected(
        unpacked,
        lambda row: {"payments": [_payment(row)]},
        {"payments": ("transaction_no",)},
        lambda _, row: {"statement": 0, "account": row["merchant_no"] or None, "currency": "CNY"},
    )


def _payment(row: dict[str, str]) -> dict[str, Any]:
    kind = TYPES.get(row["trade_code"]) if row["file_kind"] == "ZM" else None
    if kind is None:
        raise Unusable("type", f"{row['file_kind']} code {row['trade_code']} has no known type")
    is_refund = kind == "refund"
    return {
        "transaction_no": row["query_no"],
        "type": kind,
        "status": "succeeded",
        "amount": money(Decimal(row["amount_minor"]).scaleb(-2)),
        "fee": _fee(row["fee"]),
        "merchant_pay_no": (row["original_order_no"] if is_refund else row["order_no"]) or None,
        "merchant_refund_no": row["order_no"] or None if is_refund else None,
        "occurred_at": local_time(row["sent_at"], SHANGHAI),
        "succeeded_at": local_time(row["sent_at"], SHANGHAI),
    }


def _fee(text: str) -> str | None:
    """``D`` is charged to the merchant, ``C`` is given back."""
    value = Decimal(text[1:]).scaleb(-2) if text else None
    return None if value is None else money(-value if text[0] == "C" else value)


def recognises(path: Path) -> bool:
    """Whether the file is named, or answered, as UnionPay's is."""
    if member_named(path.name):
        return True
    try:
        with path.open("rb") as raw:
            start = raw.read(4096)
    except OSError:
        return False
    return MARK in start and b"respCode=" in start


TRADES = Stream(
    name="trades",
    day_kind="bill",
    tables={"trades": COLUMNS},
    fetch=fetch_trades,
    unpack=unpack_trades,
    canonical=trade_records,
    ready_at=time(9, 0),
    reads=recognises,
)
