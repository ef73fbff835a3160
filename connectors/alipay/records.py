"""Alipay's rows in the names of the contract's streams, for ``tieout inspect``."""

from decimal import Decimal
from typing import Any

from connectors.core.canonical import collected, local_time, positive, signed
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, money

ORDER_MARK = "order_no="
PAYMENT_STREAMS = {"payments": ("transaction_no", "amount", "occurred_at")}
FLOW_STREAMS = {"fund_flows": ("flow_no", "amount", "occurred_at")}


def trade_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Trade bill rows as ``payments``; a 退款 row is a payment of type refund."""
    del connection
    return collected(unpacked, lambda row: {"payments": [_payment(row)]}, PAYMENT_STREAMS, _belonging(unpacked))


def fund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Fund bill rows as ``fund_flows``; 支出 is already negative, so the net is the sum of both columns."""
    del connection
    return collected(unpacked, lambda row: {"fund_flows": [_flow(row)]}, FLOW_STREAMS, _belonging(unpacked))


def _flow(row: dict[str, str]) -> dict[str, Any]:
    came_in, went_out = amount(row["in_amount"] or "0"), amount(row["out_amount"] or "0")
    is_in = bool(came_in)
    moved = came_in if is_in else went_out
    return {
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


def _belonging(unpacked: Unpacked) -> dict[str, Any]:
    account = unpacked.statements[0].account if unpacked.statements else None
    return {"statement": 0, "account": account, "currency": "CNY"}
