"""Pinduoduo's orders, refunds and money rows in the names of the contract's streams, for ``tieout inspect``."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from connectors.core.canonical import Made, collected, local_time, positive, text_of, unstated
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, money
from connectors.pdd.bills import kind_code

ORDER_STREAMS = {
    "orders": ("order_no", "status", "ordered_at", "goods_amount", "buyer_paid"),
    "order_lines": (),
    "discounts": (),
    "shipments": (),
}
REFUND_STREAMS = {"refunds": ("refund_no", "order_no", "type", "status", "amount", "applied_at")}
FLOW_STREAMS = {"fund_flows": ("occurred_at", "amount", "business_type")}
STATUSES = {"1": "paid", "2": "shipped", "3": "completed"}
REFUND_STATUSES = {
    "0": "closed", "2": "requested", "3": "requested", "4": "processing", "5": "processing", "6": "rejected",
    "7": "approved", "8": "processing", "9": "closed", "10": "succeeded", "11": "closed", "12": "closed",
    "13": "closed", "31": "approved", "33": "processing",
}  # fmt: skip
REFUND_TYPES = {"2": "refund_only", "3": "return_refund"}
MOVES_NO_MONEY = frozenset({"4", "5"})
"""Exchange and resending: tickets without money, so no refunds."""
CARRIERS = {"44": "顺丰速运", "85": "圆通速递", "131": "德邦快递", "384": "极兔速递"}
PAYOUT = "提现"
ORDER_NUMBER = re.compile(r"\d{6}-\d{15}")
PAYOUT_NUMBER = re.compile(r"[0-9A-Za-z]{8,}")
EPOCH = re.compile(r"\d{10}")


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Orders with their lines, discounts and shipments."""
    return collected(unpacked, _of_order, ORDER_STREAMS, unstated(connection, "CNY"))


def refund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Refund tickets; exchanges and resent goods move no money and are left out."""
    return collected(unpacked, _refunds, REFUND_STREAMS, unstated(connection, "CNY"))


def flow_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Rows of the money file as ``fund_flows``; their number is made from order, time, kind and count."""
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
    kind = _text(record, "after_sales_type")
    if kind in MOVES_NO_MONEY:
        return {}
    status = REFUND_STATUSES.get(_text(record, "after_sales_status"))
    refund = {
        "refund_no": _text(record, "id"),
        "order_no": _text(record, "order_sn"),
        "line_no": _text(record, "sku_id") or None,
        "type": REFUND_TYPES.get(kind),
        "status": status,
        "amount": positive(_text(record, "refund_amount")),
        "reason": _text(record, "after_sale_reason") or None,
        "applied_at": _time(record, "created_time"),
        "succeeded_at": _time(record, "updated_time") if status == "succeeded" else None,
    }
    return {"refunds": [refund]}


def _order(record: dict[str, Any]) -> dict[str, Any]:
    status = STATUSES.get(_text(record, "order_status"))
    if status == "paid" and _text(record, "refund_status") == "4":
        status = "closed"
    return {
        "order_no": _text(record, "order_sn"),
        "status": status,
        "ordered_at": _time(record, "created_time"),
        "paid_at": _time(record, "confirm_time"),
        "shipped_at": _time(record, "shipping_time"),
        "confirmed_at": _time(record, "receive_time"),
        "goods_amount": positive(_text(record, "goods_amount")),
        "merchant_discount": positive(_text(record, "seller_discount")),
        "platform_subsidy": positive(_text(record, "platform_discount")),
        "freight": positive(_text(record, "postage")),
        "buyer_paid": positive(_text(record, "pay_amount")),
        "payment_method": "online",
        "ship_mode": "presale" if _text(record, "is_pre_sale") == "1" else "domestic",
        "promise_ship_by": _time(record, "last_ship_time"),
        "updated_at": _time(record, "updated_at"),
    }


def _lines(record: dict[str, Any]) -> list[dict[str, Any]]:
    items = record.get("item_list")
    lines = []
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        price, count = amount(_text(item, "goods_price")), amount(_text(item, "goods_count"))
        lines.append({
            "order_no": _text(record, "order_sn"),
            "line_no": _text(item, "sku_id") or _text(item, "goods_id") or None,
            "sku": _text(item, "outer_id") or _text(item, "sku_id") or None,
            "title": _text(item, "goods_name") or None,
            "quantity": _text(item, "goods_count") or None,
            "unit_price": None if price is None else money(price),
            "line_amount": None if price is None or count is None else money(price * count),
        })  # fmt: skip
    return lines


def _discounts(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"order_no": _text(record, "order_sn"), "name": name, "bearer": bearer, "amount": value}
        for name, bearer in (("seller_discount", "merchant"), ("platform_discount", "platform"))
        if (value := positive(_text(record, name))) and Decimal(value)
    ]


def _shipments(record: dict[str, Any]) -> list[dict[str, Any]]:
    waybill = _text(record, "tracking_number")
    if not waybill:
        return []
    carrier = _text(record, "logistics_id")
    return [
        {
            "waybill_no": waybill,
            "order_no": _text(record, "order_sn"),
            "carrier": CARRIERS.get(carrier, f"logistics_id {carrier}"),
            "tracked_at": _time(record, "shipping_time"),
        }
    ]


def _flows(row: dict[str, str]) -> Made:
    kind = row.get("description", "").partition("|")[2] or row.get("description", "") or row["account_type"]
    remark = row.get("remark", "").strip("-")
    is_in = not (amount(row["out_amount"] or "0") or 0)
    order_no = row["order_no"] or next(iter(ORDER_NUMBER.findall(remark)), "")
    at = row["occurred_at"].replace("/", "-")
    number = "|".join((row["order_no"], at, kind_code(row), row["nth"]))
    is_payout = kind.startswith(PAYOUT)
    flow = {
        "flow_no": number,
        "occurred_at": local_time(at, SHANGHAI),
        "direction": "in" if is_in else "out",
        "amount": positive(row["in_amount"] or "0" if is_in else row["out_amount"]),
        "business_type": kind,
        "order_no": None if is_payout else order_no or None,
        "payout_no": (next(iter(PAYOUT_NUMBER.findall(f"{row['order_no']} {remark}")), "") or number)
        if is_payout
        else None,
        "remark": remark or None,
    }
    return {"fund_flows": [flow]}


def _text(record: dict[str, Any], name: str) -> str:
    return text_of(record, name).strip()


def _time(record: dict[str, Any], name: str) -> str | None:
    """A time in the shop's clock; newer documents write seconds since 1970 instead. 0 and empty are no time."""
    text = _text(record, name)
    if EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text), SHANGHAI).isoformat()
    return local_time(text, SHANGHAI)
