"""WeChat Pay's rows in the names of the contract's streams, for ``tieout inspect``."""

from typing import Any

from connectors.core.canonical import collected, local_time, positive, signed
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Unpacked

REFUND_STATES = {"SUCCESS": "succeeded", "PROCESSING": "processing", "FAIL": "failed", "CHANGE": "failed"}
ORDER_MARK = "order_no="
PAYMENT_STREAMS = {"payments": ("transaction_no", "amount", "occurred_at")}
FLOW_STREAMS = {"fund_flows": ("flow_no", "amount", "occurred_at")}


def trade_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Trade bill rows as ``payments``; a refund row is a payment of type refund."""
    del connection
    return collected(
        unpacked,
        lambda row: {"payments": [_payment(row)]},
        PAYMENT_STREAMS,
        lambda _, row: {"statement": 0, "account": _account(row), "currency": row.get("currency") or "CNY"},
    )


def fund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Fund bill rows as ``fund_flows``."""
    del connection
    return collected(
        unpacked,
        lambda row: {"fund_flows": [_flow(row)]},
        FLOW_STREAMS,
        {"statement": 0, "account": None, "currency": "CNY"},
    )


def _flow(row: dict[str, str]) -> dict[str, Any]:
    return {
        "flow_no": row["flow_no"],
        "occurred_at": local_time(row["booked_at"], SHANGHAI),
        "direction": "in" if row["direction"] == "收入" else "out",
        "amount": positive(row["amount"]),
        "balance": signed(row["balance"]),
        "business_type": row["business_type"],
        "business_ref": row["business_no"],
        "payout_no": row.get("voucher_no") if row["business_type"] == "提现" else None,
        "remark": row.get("remark", ""),
    }


def _payment(row: dict[str, str]) -> dict[str, Any]:
    is_refund = row["trade_state"] in {"REFUND", "REVOKED"} or bool(row.get("refund_no", "").strip("0"))
    at = local_time(row["traded_at"], SHANGHAI)
    data = row.get("merchant_data", "")
    record: dict[str, Any] = {
        "transaction_no": row.get("refund_no") if is_refund else row["transaction_no"],
        "type": "refund" if is_refund else "payment",
        "status": REFUND_STATES.get(row.get("refund_state", ""), "processing") if is_refund else "succeeded",
        "amount": positive(row.get("refund_amount", "") if is_refund else row["settlement_amount"]),
        "fee": signed(row["fee"]),
        "merchant_pay_no": row["merchant_pay_no"],
        "occurred_at": at,
        "order_no": data.removeprefix(ORDER_MARK) if data.startswith(ORDER_MARK) else None,
    }
    if is_refund:
        succeeded = local_time(row.get("refund_succeeded_at", ""), SHANGHAI)
        record |= {
            "merchant_refund_no": row.get("merchant_refund_no"),
            "original_transaction_no": row["transaction_no"],
            "succeeded_at": succeeded or (at if row.get("refund_state") == "SUCCESS" else None),
        }
    else:
        record["succeeded_at"] = at
    return record


def _account(row: dict[str, str]) -> str:
    sub = row.get("sub_mch_id", "")
    return sub if sub.strip("0") else row.get("mch_id", "")
