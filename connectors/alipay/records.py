"""Alipay's rows in the names of the contract's streams, for ``tieout inspect``."""

from decimal import Decimal
from typing import Any

from connectors.core.canonical import csv_rows, local_time, positive, signed
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Reject, Unpacked
from connectors.core.text import amount, money

ORDER_MARK = "order_no="


def trade_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Trade bill rows as ``payments``; a 退款 row is a payment of type refund."""
    del connection
    records: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for part in unpacked.parts:
        for line, row in csv_rows(part):
            _take(_payment(row), line, unpacked, records, rejects)
    return Canonical(streams={"payments": records}, quarantine=tuple(rejects))


def fund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Fund bill rows as ``fund_flows``; 支出 is already negative, so the net is the sum of both columns."""
    del connection
    records: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for part in unpacked.parts:
        for line, row in csv_rows(part):
            came_in, went_out = amount(row["in_amount"] or "0"), amount(row["out_amount"] or "0")
            is_in = bool(came_in)
            moved = came_in if is_in else went_out
            record: dict[str, Any] = {
                "flow_no": row["flow_no"],
                "occurred_at": local_time(row["occurred_at"], SHANGHAI),
                "direction": "in" if is_in else "out",
                "amount": None if moved is None else money(abs(moved)),
                "balance": signed(row["balance"]),
                "business_type": row["business_type"],
                "merchant_pay_no": row.get("merchant_order_no") or None,
                "business_ref": row["business_no"],
                "remark": row.get("remark", ""),
            }
            _take(record, line, unpacked, records, rejects, key="flow_no")
    return Canonical(streams={"fund_flows": records}, quarantine=tuple(rejects))


def _payment(row: dict[str, str]) -> dict[str, Any]:
    is_refund = row["business_type"] == "退款"
    charged = amount(row["fee"] or "0")
    done = local_time(row["completed_at"], SHANGHAI)
    remark = row.get("remark", "")
    record: dict[str, Any] = {
        "transaction_no": row["trade_no"],
        "type": "refund" if is_refund else "payment",
        "status": "succeeded",
        "amount": positive(row["received_amount"]),
        "fee": None if charged is None else money(Decimal(0) - charged),
        "merchant_pay_no": row["merchant_order_no"],
        "order_no": remark.removeprefix(ORDER_MARK) if remark.startswith(ORDER_MARK) else None,
        "occurred_at": done,
        "succeeded_at": done,
    }
    if is_refund:
        request = row.get("refund_request_no", "")
        record |= {
            "transaction_no": f"{row['trade_no']}-{request}",
            "original_transaction_no": row["trade_no"],
            "merchant_refund_no": request,
        }
    return record


def _take(
    record: dict[str, Any],
    line: int,
    unpacked: Unpacked,
    records: list[dict[str, Any]],
    rejects: list[Reject],
    *,
    key: str = "transaction_no",
) -> None:
    missing = next((name for name in (key, "amount", "occurred_at") if not record[name]), None)
    if missing:
        rejects.append(Reject(line, missing, f"{missing} is empty or not readable as what it should be"))
        return
    account = unpacked.statements[0].account if unpacked.statements else None
    records.append(record | {"statement": 0, "account": account, "currency": "CNY"})
