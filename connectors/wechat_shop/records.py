"""The shop's orders, after-sales and movements in the names of the contract's streams, for ``tieout inspect``."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.core.canonical import Made, collected, local_time, positive, signed, text_of, unstated
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, money
from connectors.wechat_shop.layout import DIRECTIONS, KINDS

STATUSES = {
    "10": "created", "12": "paid", "13": "paid", "20": "paid", "21": "paid", "30": "shipped", "100": "completed",
    "200": "closed", "250": "cancelled",
}  # fmt: skip
REFUND_STATUSES = {
    "USER_CANCELD": "closed", "MERCHANT_PROCESSING": "requested", "MERCHANT_REJECT_REFUND": "rejected",
    "MERCHANT_REJECT_RETURN": "rejected", "USER_WAIT_RETURN": "approved", "RETURN_CLOSED": "closed",
    "MERCHANT_WAIT_RECEIPT": "approved", "MERCHANT_OVERDUE_REFUND": "processing",
    "MERCHANT_REFUND_SUCCESS": "succeeded", "MERCHANT_RETURN_SUCCESS": "succeeded", "PLATFORM_REFUNDING": "processing",
}  # fmt: skip
REFUND_TYPES = {"REFUND": "refund_only", "RETURN": "return_refund"}
EXCHANGE = "EXCHANGE"
"""A ticket that moves goods and no money."""
BEARERS = {
    "merchant_discounted_price": "merchant",
    "cash_coupon_discounted_price": "platform",
    "finder_discounted_price": "creator",
}
ORDER_STREAMS = {
    "orders": ("order_no", "status", "ordered_at", "goods_amount", "buyer_paid"),
    "order_lines": (),
    "discounts": (),
    "shipments": (),
}
REFUND_STREAMS = {"refunds": ("refund_no", "order_no", "type", "status", "amount", "applied_at")}
FLOW_STREAMS = {"fund_flows": ("flow_no", "occurred_at", "amount", "business_type")}
PAYOUT = "提现"


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Orders with their lines, discounts and shipments."""
    return collected(unpacked, _of_order, ORDER_STREAMS, unstated(connection, "CNY"))


def refund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """After-sales as refund tickets; exchanges are left out."""
    return collected(unpacked, _refunds, REFUND_STREAMS, unstated(connection, "CNY"))


def flow_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Movements of the balance as ``fund_flows``."""
    del connection
    return collected(unpacked, _flows, FLOW_STREAMS, {"statement": 0, "account": None, "currency": "CNY"})


def _of_order(record: dict[str, Any]) -> Made:
    return {
        "orders": [_order(record)],
        "order_lines": _lines(record),
        "discounts": _discounts(record),
        "shipments": _shipments(record),
    }


def _refunds(record: dict[str, Any]) -> Made:
    if _text(record, "type") == EXCHANGE:
        return {}
    status = REFUND_STATUSES.get(_text(record, "status"))
    refund = {
        "refund_no": _text(record, "after_sale_order_id"),
        "order_no": _text(record, "order_id"),
        "line_no": _text(_inner(record, "product_info"), "sku_id") or None,
        "type": REFUND_TYPES.get(_text(record, "type")),
        "status": status,
        "amount": _yuan(_inner(record, "refund_info"), "amount"),
        "reason": _text(record, "reason_text") or _text(record, "reason") or None,
        "applied_at": _time(record, "create_time"),
        "succeeded_at": _time(record, "update_time") if status == "succeeded" else None,
    }
    return {"refunds": [refund]}


def _flows(row: dict[str, str]) -> Made:
    number = row["funds_type"]
    kind = row["kind"] or KINDS.get(number, f"funds_type {number}" if number else "")
    is_payout = kind.startswith(PAYOUT)
    flow = {
        "flow_no": row["flow_no"],
        "occurred_at": local_time(row["booked_at"], SHANGHAI),
        "direction": DIRECTIONS.get(row["direction"]),
        "amount": _fen(row["amount_minor"]) or positive(row["amount"]),
        "balance": _fen(row["balance_minor"]) or signed(row["balance"]),
        "business_type": kind,
        "order_no": None if is_payout else row["order_no"] or None,
        "business_ref": row["aftersale_no"] or row["insurance_no"] or None,
        "payout_no": row["withdraw_no"] or None,
        "remark": row["remark"] or None,
    }
    return {"fund_flows": [flow]}


def _order(record: dict[str, Any]) -> dict[str, Any]:
    detail = _inner(record, "order_detail")
    price, ext = _inner(detail, "price_info"), _inner(detail, "ext_info")
    return {
        "order_no": _text(record, "order_id"),
        "status": STATUSES.get(_text(record, "status")),
        "ordered_at": _time(record, "create_time"),
        "paid_at": _time(_inner(detail, "pay_info"), "pay_time"),
        "shipped_at": _time(_inner(detail, "delivery_info"), "ship_done_time"),
        "confirmed_at": _time(ext, "confirm_receipt_time"),
        "goods_amount": _yuan(price, "product_price"),
        "merchant_discount": _merchant_discount(price),
        "platform_subsidy": _yuan(price, "cash_coupon_discounted_price") or "0.00",
        "creator_subsidy": _yuan(price, "finder_discounted_price") or "0.00",
        "freight": _yuan(price, "freight") or "0.00",
        "buyer_paid": _yuan(price, "order_price"),
        "payment_method": "online",
        "updated_at": _time(record, "update_time"),
    }


def _merchant_discount(price: dict[str, Any]) -> str:
    name = "merchant_discounted_price" if _text(price, "merchant_discounted_price") else "discounted_price"
    parts = [_yuan(price, part) or "0.00" for part in (name, "deduction_price", "change_down_price")]
    return money(sum(map(Decimal, parts), Decimal()))


def _lines(record: dict[str, Any]) -> list[dict[str, Any]]:
    lines = []
    for item in _members(_inner(record, "order_detail"), "product_infos"):
        price, count = amount(_text(item, "sale_price")), amount(_text(item, "sku_cnt"))
        lines.append({
            "order_no": _text(record, "order_id"),
            "line_no": _text(item, "product_unique_id") or _text(item, "sku_id") or None,
            "sub_order_no": _text(item, "sku_id") or None,
            "sku": _text(item, "out_sku_id") or _text(item, "sku_code") or _text(item, "sku_id") or None,
            "title": _text(item, "title") or None,
            "quantity": _text(item, "sku_cnt") or None,
            "unit_price": _yuan(item, "sale_price"),
            "line_amount": None if price is None or count is None else money(price * count * Decimal("0.01")),
        })  # fmt: skip
    return lines


def _discounts(record: dict[str, Any]) -> list[dict[str, Any]]:
    price = _inner(_inner(record, "order_detail"), "price_info")
    return [
        {"order_no": _text(record, "order_id"), "name": name, "bearer": bearer, "amount": value}
        for name, bearer in BEARERS.items()
        if (value := _yuan(price, name)) and Decimal(value)
    ]


def _shipments(record: dict[str, Any]) -> list[dict[str, Any]]:
    delivery = _inner(_inner(record, "order_detail"), "delivery_info")
    return [
        {
            "waybill_no": _text(parcel, "waybill_id"),
            "order_no": _text(record, "order_id"),
            "carrier": _text(parcel, "delivery_name") or _text(parcel, "delivery_id") or None,
            "tracked_at": _time(parcel, "delivery_time"),
        }
        for parcel in _members(delivery, "delivery_product_info")
        if _text(parcel, "waybill_id")
    ]


def _inner(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _members(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = record.get(name)
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []


def _text(record: dict[str, Any], name: str) -> str:
    return text_of(record, name).strip()


def _fen(text: str) -> str | None:
    value = amount(text)
    return None if value is None or value != int(value) else money(value * Decimal("0.01"))


def _yuan(record: dict[str, Any], name: str) -> str | None:
    """Whole fen as yuan; None where it is no whole number, or below nothing."""
    text = _fen(_text(record, name))
    return None if text is None or text.startswith("-") else text


def _time(record: dict[str, Any], name: str) -> str | None:
    """Seconds since 1970; 0 is no time."""
    text = _text(record, name)
    is_time = text.isdecimal() and text.isascii() and 0 < int(text) < 10**10
    return datetime.fromtimestamp(int(text), SHANGHAI).isoformat() if is_time else None
