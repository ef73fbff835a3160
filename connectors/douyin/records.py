"""Douyin's records in the names of the contract's streams, for ``tieout inspect``. Loading never comes here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.core.canonical import Made, collected, local_time, text_of, unstated
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, money
from connectors.douyin.exports import OUT_WORDS
from connectors.douyin.settling import line_amounts

ORDER_STATUSES = {"1": "created", "105": "paid", "2": "paid", "101": "paid", "3": "shipped", "5": "completed"}
REFUND_TYPES = {"0": "return_refund", "1": "refund_only", "2": "cancel", "6": "refund_only"}
REFUND_STATUSES = {
    "6": "requested", "7": "approved", "8": "approved", "11": "approved", "27": "rejected", "29": "rejected",
    "28": "closed", "51": "closed", "53": "closed", "13": "closed", "14": "closed",
}  # fmt: skip
MOVES_NO_MONEY = frozenset({"3", "7", "8"})
"""Exchanged, resent and repaired goods."""
CLOSED, SUCCEEDED = "4", "12"
PAYOUT_WORDS = ("提现", "提现退票")
SETTLING_WORDS = frozenset({
    "订单结算", "部分结算", "运费单结算", "货款结算入账", "已退款", "原路退", "结算重复扣款调账",
    "退款-结算后退款-退用户", "退款-订单退款触发-退补贴",
})  # fmt: skip
REQUIRED = {
    "orders": ("order_no", "status", "ordered_at", "buyer_paid"),
    "order_lines": ("line_no", "quantity", "line_amount"),
    "shipments": ("waybill_no",),
    "refunds": ("refund_no", "order_no", "amount", "applied_at"),
    "settlements": ("settlement_no", "total_amount", "settled_at"),
    "settlement_lines": ("settlement_no", "amount"),
    "fund_flows": ("flow_no", "amount", "occurred_at", "direction"),
}


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Shop orders as ``orders``, ``order_lines`` and ``shipments``."""
    return collected(unpacked, _order, REQUIRED, _belonging(unpacked, connection), seen_only=True)


def refund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """After-sales tickets as ``refunds``."""
    return collected(unpacked, _refund, REQUIRED, _belonging(unpacked, connection), seen_only=True)


def settlement_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Settlement rows as ``settlements`` and the ``settlement_lines`` that add up to them."""
    return collected(unpacked, _settlement, REQUIRED, _belonging(unpacked, connection), seen_only=True)


def fund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Account movements as ``fund_flows``."""
    return collected(unpacked, _flow, REQUIRED, _belonging(unpacked, connection), seen_only=True)


def insurance_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Insured parcels explain a movement of the ledger; as flows they would count it twice."""
    del unpacked, connection
    return Canonical()


def _belonging(unpacked: Unpacked, connection: Connection) -> dict[str, Any]:
    """A file is one statement, an answer is none."""
    return unstated(connection, "CNY") | {"statement": 0 if unpacked.statements else None}


def _order(record: Mapping[str, Any]) -> Made:
    number, lines = text_of(record, "order_id"), [_line(item) for item in record["sku_order_list"]]
    goods = sum((Decimal(line["line_amount"]) for line in lines), Decimal())
    shares = {name: _fen(record, field) for name, field in SHARES.items()}
    paid, freight = _fen(record, "pay_amount"), _fen(record, "post_amount")
    order = {
        "order_no": number,
        "status": _order_status(record),
        "ordered_at": _epoch(record, "create_time"),
        "paid_at": _epoch(record, "pay_time"),
        "shipped_at": _epoch(record, "ship_time"),
        "confirmed_at": _epoch(record, "finish_time") if text_of(record, "order_status") == "5" else None,
        "goods_amount": money(goods),
        "merchant_discount": money(goods + freight - paid - sum(shares.values(), Decimal())),
        **{name: money(value) for name, value in shares.items()},
        "freight": money(freight),
        "buyer_paid": money(paid),
        "payment_method": "cod" if text_of(record, "pay_type") == "0" else "online",
    }
    shipments = [
        {
            "waybill_no": str(parcel.get("tracking_no") or ""),
            "order_no": number,
            "carrier": parcel.get("company_name") or None,
            "tracked_at": _epoch(parcel, "ship_time"),
        }
        for parcel in record.get("logistics_info") or []
    ]
    return {
        "orders": [order],
        "order_lines": [line | {"order_no": number} for line in lines],
        "shipments": shipments,
    }


SHARES = {
    "platform_subsidy": "platform_cost_amount",
    "channel_subsidy": "promotion_pay_amount",
    "creator_subsidy": "promotion_talent_amount",
}


def _order_status(record: Mapping[str, Any]) -> str | None:
    status = text_of(record, "order_status")
    if status == CLOSED:
        return "closed" if text_of(record, "pay_time") not in {"", "0"} else "cancelled"
    return ORDER_STATUSES.get(status)


def _line(item: Mapping[str, Any]) -> dict[str, Any]:
    price, number = _fen(item, "origin_amount"), Decimal(text_of(item, "item_num"))
    return {
        "line_no": text_of(item, "order_id"),
        "sub_order_no": text_of(item, "order_id"),
        "sku": text_of(item, "code") or text_of(item, "out_sku_id") or text_of(item, "sku_id"),
        "title": text_of(item, "product_name") or None,
        "quantity": str(number),
        "unit_price": money(price),
        "line_amount": money(price * number),
    }


def _refund(record: Mapping[str, Any]) -> Made:
    ticket, order = record["aftersale_info"], record["order_info"]
    if text_of(ticket, "aftersale_type") in MOVES_NO_MONEY:
        return {}
    status = text_of(ticket, "aftersale_status")
    is_paid = status == SUCCEEDED and text_of(ticket, "refund_status") in {"3", "5"}
    known = REFUND_STATUSES.get(status)
    refund = {
        "refund_no": text_of(ticket, "aftersale_id"),
        "order_no": text_of(order, "shop_order_id"),
        "type": REFUND_TYPES.get(text_of(ticket, "aftersale_type")),
        "status": "succeeded" if is_paid else "processing" if status == SUCCEEDED else known,
        "amount": money(_fen(ticket, "refund_amount")),
        "applied_at": _epoch(ticket, "apply_time"),
        "succeeded_at": _epoch(ticket, "update_time") if is_paid else None,
    }
    return {"refunds": [refund]}


def _settlement(record: Mapping[str, Any]) -> Made:
    if "flow_no" in record and not (record.get("sub_order_no") or record.get("shop_order_no")):
        return {}
    total, lines = line_amounts(record)
    number = text_of(record, "request_no") or text_of(record, "flow_no")
    at = _local(text_of(record, "settle_time") or text_of(record, "moved_at"))
    common = {
        "settlement_no": number,
        "order_no": text_of(record, "shop_order_id") or text_of(record, "shop_order_no") or None,
        "sub_order_no": text_of(record, "order_id") or text_of(record, "sub_order_no") or None,
        "bill_date": at[:10] if at else None,
        "settled_at": at,
    }
    settlement = {
        "settlement_no": number,
        "total_amount": money(total),
        "settled_at": at,
        "wallet_flow_no": text_of(record, "flow_no") or None,
    }
    return {
        "settlements": [settlement],
        "settlement_lines": [
            common | {"line_no": line_no, "component": component, "amount": money(value)}
            for line_no, component, value in lines
        ],
    }


def _flow(record: Mapping[str, Any]) -> Made:
    is_file = "flow_no" in record
    number = text_of(record, "flow_no") if is_file else text_of(record, "account_trade_no")
    words = (
        text_of(record, "scene")
        if is_file
        else (text_of(record, "trans_scene") or text_of(record, "account_bill_desc"))
    )
    if is_file:
        direction = "out" if record["direction"] in OUT_WORDS else "in"
        value = amount(text_of(record, "moved_amount"))
    else:
        direction = {"0": "in", "1": "out"}.get(text_of(record, "fund_flow"), "")
        value = _fen(record, "account_amount")
    balance = amount(text_of(record, "balance"))
    is_settling = words in SETTLING_WORDS
    order = text_of(record, "shop_order_no") if is_file else text_of(record, "shop_order_id")
    flow = {
        "flow_no": number,
        "occurred_at": _local(text_of(record, "moved_at") if is_file else text_of(record, "bill_time")),
        "direction": direction,
        "amount": None if value is None else money(abs(value)),
        "balance": None if balance is None else money(balance),
        "business_type": words,
        "order_no": None if is_settling else order or None,
        "business_ref": number,
        "payout_no": number if words in PAYOUT_WORDS else None,
        "remark": text_of(record, "note" if is_file else "remark") or None,
    }
    return {"fund_flows": [flow]}


def _fen(record: Mapping[str, Any], name: str) -> Decimal:
    text = text_of(record, name) or "0"
    value = amount(text)
    if value is None or value != value.to_integral_value():
        raise ValueError(name)
    return value.scaleb(-2)


def _epoch(record: Mapping[str, Any], name: str) -> str | None:
    seconds = text_of(record, name)
    if seconds in {"", "0"}:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).astimezone(SHANGHAI).isoformat()


def _local(text: str) -> str | None:
    return local_time(text, SHANGHAI)
