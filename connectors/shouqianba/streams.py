"""Payments by the merchant's own numbers, bundled; answers and daily files of a folder beside them.

The raw table ``payments`` has the one column ``record``: what an answer tells of one payment, or a row of a daily file.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors.core.answers import BUNDLE, RECORD, answers
from connectors.core.canonical import collected, local_time, unstated
from connectors.core.days import SHANGHAI
from connectors.core.drops import delivered_files
from connectors.core.errors import BadRequest, ConnectorError
from connectors.core.protocol import Canonical, Connection, Delivery, Stream, Tools, Unpacked, Window
from connectors.core.text import Refused, amount, money
from connectors.shouqianba.client import UpayClient, client_for
from connectors.shouqianba.daily import is_daily, refunded_minor, unpack_daily

BUNDLE_SIZE = 500
ITEMS = "$.biz_response.data"
START_BYTES = 65_536
MARKS = (b'"biz_response"', b'"client_sn"', b'"order_status"')
DROP_PATTERNS = ("*.json", "*.ndjson", "*.csv", "*.csv.gz", "*.txt")
STATUSES = {
    "CREATED": "processing", "PAID": "succeeded", "REFUNDED": "succeeded", "PARTIAL_REFUNDED": "succeeded",
    "REFUND_ERROR": "succeeded", "PAY_CANCELED": "closed", "CANCELED": "closed", "PAY_ERROR": "processing",
    "CANCEL_ERROR": "processing",
}  # fmt: skip
REFUNDED = frozenset({"REFUNDED", "PARTIAL_REFUNDED"})
PAYMENT_STREAMS = {"payments": ("transaction_no", "status", "occurred_at")}


def fetch_payments(connection: Connection, window: Window, tools: Tools) -> Iterator[Delivery]:
    """What became of the merchant's open payments; or the files of a folder."""
    if connection.path is not None:
        yield from delivered_files(connection, tools, DROP_PATTERNS)
        return
    try:
        if connection.numbers:
            yield from _asked(client_for(connection, tools), connection, window)
    except ConnectorError as error:
        raise error.at(source="shouqianba", stream="payments", window=window) from error.__cause__


def _asked(client: UpayClient, connection: Connection, window: Window) -> Iterator[Delivery]:
    day = window.start.astimezone(connection.timezone).date()
    numbers, is_any, refused = [number.value for number in connection.numbers], False, None
    for start in range(0, len(numbers), BUNDLE_SIZE):
        asked, lines = numbers[start : start + BUNDLE_SIZE], []
        for number in asked:
            try:
                found = client.query(number)
            except BadRequest as error:
                # one number that the source does not understand says nothing about the others
                refused = refused or error
                continue
            if found is not None:
                lines.append(_one_line(found.body))
        if lines:
            is_any = True
            yield Delivery(
                body=b"\n".join([*lines, b""]),
                suffix=BUNDLE,
                day=day,
                window=window,
                request={"path": "/upay/v2/query", "first": asked[0], "last": asked[-1], "asked": str(len(asked))},
                name=f"payments_{day.isoformat()}_{start // BUNDLE_SIZE + 1}.{BUNDLE}",
                stated={"rows": str(len(lines))},
            )
    if refused is not None and not is_any:
        raise refused


def _one_line(answer: bytes) -> bytes:
    """An answer on one line: a line break in JSON is white space, inside a text it is always escaped."""
    return answer.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b" ").replace(b"\n", b" ").strip()


def unpack_payments(path: Path, suffix: str, workdir: Path, connection: Connection, name: str = "") -> Unpacked:
    """A bundle of answers, one answer, or a daily file."""
    if _is_json(path):
        return FROM_ANSWERS(path, suffix, workdir, connection, name)
    return unpack_daily(path, workdir, connection, name or path.name)


def _payment_at(document: Any) -> str:
    inner = document.get("biz_response") if isinstance(document, dict) else None
    if not isinstance(inner, dict):
        raise Refused("is no answer of this gateway: it has no biz_response")
    if not isinstance(inner.get("data"), dict):
        raise Refused(f"tells no payment but {inner.get('error_code') or inner.get('result_code') or 'nothing'}")
    return ITEMS


FROM_ANSWERS = answers("payments", _payment_at)


def _is_json(path: Path) -> bool:
    with path.open("rb") as raw:
        return raw.read(16).removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))


def payment_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Payments, and what was paid back of them."""
    belonging = unstated(connection, "CNY") | {"statement": 0 if unpacked.statements else None}
    return collected(
        unpacked,
        lambda record: {"payments": _daily(record) if "traded_at" in record else _answered(record)},
        PAYMENT_STREAMS,
        belonging,
        seen_only=True,
    )


def _answered(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A payment; where money went back, a second record for all that did."""
    sn, state = str(record.get("sn") or ""), str(record.get("order_status") or "")
    total, left = _yuan(record.get("total_amount")), _yuan(record.get("net_amount"))
    payment = {
        "transaction_no": sn,
        "type": "payment",
        "status": STATUSES.get(state),
        "amount": money(total),
        "fee": None,
        "merchant_pay_no": str(record.get("client_sn") or "") or None,
        "original_transaction_no": None,
        "occurred_at": _moment(record.get("ctime")),
        "succeeded_at": _moment(record.get("ctime")) if STATUSES.get(state) == "succeeded" else None,
    }
    if state not in REFUNDED or left == total:
        return [payment]
    finished = _moment(record.get("finish_time"))
    refund = {
        "transaction_no": f"{sn}-refund",
        "type": "refund",
        "status": "succeeded",
        "amount": money(total - left),
        "original_transaction_no": sn,
        "occurred_at": finished,
        "succeeded_at": finished,
    }
    return [payment, payment | refund]


def _daily(row: Mapping[str, str]) -> list[dict[str, Any]]:
    is_refund = bool(row["original_no"])
    minor = refunded_minor(row) if is_refund else abs(int(row["amount_minor"] or 0))
    fee = int(row["fee_minor"]) if row["fee_minor"] else None
    at = local_time((row["refunded_at"] or row["traded_at"]) if is_refund else row["traded_at"], SHANGHAI)
    return [
        {
            "transaction_no": row["trade_no"],
            "type": "refund" if is_refund else "payment",
            "status": row["status"] or None,
            "amount": money(Decimal(minor).scaleb(-2)),
            "fee": None if fee is None else money(Decimal(-abs(fee) if is_refund else fee).scaleb(-2)),
            "merchant_pay_no": None if is_refund else row["terminal_trace"] or None,
            "merchant_refund_no": row["terminal_trace"] or None if is_refund else None,
            "original_transaction_no": row["original_no"] or None,
            "occurred_at": at,
            "succeeded_at": at if row["status"] == "succeeded" else None,
        }
    ]


def _yuan(text: Any) -> Decimal:
    value = amount(str(text))
    if value is None or value != value.to_integral_value():
        raise ValueError(text)
    return value.scaleb(-2)


def _moment(milliseconds: Any) -> str | None:
    text = str(milliseconds or "")
    if text in {"", "0"}:
        return None
    return datetime.fromtimestamp(int(text) // 1000, UTC).astimezone(SHANGHAI).isoformat()


def recognises(path: Path) -> bool:
    """Whether the file is an answer about a payment, or a daily file."""
    try:
        with path.open("rb") as raw:
            start = raw.read(START_BYTES)
    except OSError:
        return False
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return all(mark in start for mark in MARKS)
    return is_daily(path)


PAYMENTS = Stream(
    name="payments",
    day_kind="window",
    tables={"payments": RECORD},
    fetch=fetch_payments,
    unpack=unpack_payments,
    canonical=payment_records,
    reads=recognises,
    asks="payments",
)
