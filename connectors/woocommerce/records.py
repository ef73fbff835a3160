"""WooCommerce's orders and refunds in the names of the contract's streams, for ``tieout inspect``."""

import re
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.canonical import Made, collected, local_time, positive, text_of, unstated
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, money, plain

STATUSES = {
    "checkout-draft": "created",
    "pending": "created",
    "on-hold": "created",
    "processing": "paid",
    "completed": "completed",
    "cancelled": "cancelled",
    "failed": "cancelled",
    "trash": "cancelled",
    "refunded": "closed",
}
OFFLINE = frozenset({"bacs", "cheque"})
ORDER_LINK = re.compile(r"/orders/([0-9]+)/?$")
TRACKING = "_wc_shipment_tracking_items"
REFUND_NUMBERS = ("_refund_transaction_id", "_stripe_refund_id", "_paypal_refund_id")
ORDER_STREAMS = {"orders": ("order_no", "status", "ordered_at", "buyer_paid"), "order_lines": (), "shipments": ()}
REFUND_STREAMS = {"refunds": ("refund_no", "order_no", "status", "amount", "applied_at")}


def _number(record: dict[str, Any], name: str) -> Decimal | None:
    return amount(text_of(record, name) or "0")


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _gmt(record: dict[str, Any], name: str) -> str | None:
    text = text_of(record, name)
    return local_time(f"{text}Z", ZoneInfo("UTC")) if text else None


def _sum(*values: Decimal | None) -> str | None:
    known = [value for value in values if value is not None]
    return positive(plain(sum(known, Decimal()))) if len(known) == len(values) else None


def meta(record: dict[str, Any], *keys: str) -> Any:
    """The first value of a plug-in's own data under one of the keys."""
    found = {str(item.get("key")): item.get("value") for item in _list(record.get("meta_data"))}
    return next((found[key] for key in keys if found.get(key)), None)


def _with_tax(record: dict[str, Any], name: str, tax: str, *, included: bool) -> Decimal | None:
    net, more = _number(record, name), _number(record, tax)
    return None if net is None or more is None else net + (more if included else 0)


def _status(order: dict[str, Any]) -> str | None:
    status = STATUSES.get(text_of(order, "status"))
    return "shipped" if status == "paid" and _list(meta(order, TRACKING)) else status


def _order(order: dict[str, Any]) -> dict[str, Any]:
    included = order.get("prices_include_tax") is True
    lines = [_with_tax(line, "subtotal", "subtotal_tax", included=included) for line in _list(order.get("line_items"))]
    fees = [_with_tax(fee, "total", "total_tax", included=included) for fee in _list(order.get("fee_lines"))]
    method = text_of(order, "payment_method")
    return {
        "order_no": text_of(order, "id"),
        "status": _status(order),
        "ordered_at": _gmt(order, "date_created_gmt"),
        "paid_at": _gmt(order, "date_paid_gmt"),
        "shipped_at": min(filter(None, (_epoch(item) for item in _list(meta(order, TRACKING)))), default=None),
        "confirmed_at": _gmt(order, "date_completed_gmt"),
        "goods_amount": _sum(*lines) if lines else None,
        "merchant_discount": _sum(_with_tax(order, "discount_total", "discount_tax", included=included)),
        "freight": _sum(_with_tax(order, "shipping_total", "shipping_tax", included=included), *fees),
        "buyer_paid": positive(text_of(order, "total")),
        "tax_collected": "0.00" if included else positive(text_of(order, "total_tax") or "0"),
        "merchant_pay_no": text_of(order, "transaction_id") or None,
        "payment_method": "cod" if method == "cod" else "offline" if method in OFFLINE else "online",
        "updated_at": _gmt(order, "date_modified_gmt"),
    }


def _epoch(item: dict[str, Any]) -> str | None:
    seconds = text_of(item, "date_shipped")
    if not seconds.isdecimal() or len(seconds) > len("9999999999"):
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat()


def _line(order: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    included = order.get("prices_include_tax") is True
    total = _with_tax(line, "subtotal", "subtotal_tax", included=included)
    paid = _with_tax(line, "total", "total_tax", included=included)
    quantity = amount(text_of(line, "quantity"))
    price = None
    if total is not None and quantity:
        price = plain((total / quantity).quantize(Decimal("0.000001"), ROUND_DOWN))
    return {
        "order_no": text_of(order, "id"),
        "line_no": text_of(line, "id"),
        "sku": text_of(line, "sku") or None,
        "title": text_of(line, "name") or None,
        "quantity": text_of(line, "quantity") or None,
        "unit_price": price,
        "line_amount": _sum(total),
        "merchant_discount": None if total is None or paid is None else _sum(total - paid),
    }


def _shipments(order: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "waybill_no": text_of(item, "tracking_number"),
            "order_no": text_of(order, "id"),
            "carrier": text_of(item, "tracking_provider") or text_of(item, "custom_tracking_provider") or None,
            "tracked_at": _epoch(item),
        }
        for item in _list(meta(order, TRACKING))
    ]


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Orders as ``orders``, ``order_lines`` and ``shipments``."""
    return collected(
        unpacked, _of_order, ORDER_STREAMS, lambda _, order: unstated(connection, text_of(order, "currency"))
    )


def _of_order(order: dict[str, Any]) -> Made:
    return {
        "orders": [_order(order)],
        "order_lines": [_line(order, line) for line in _list(order.get("line_items"))],
        "shipments": _shipments(order),
    }


def order_of_refund(refund: dict[str, Any]) -> str | None:
    """The order's number, which a refund only tells in its links."""
    links = refund.get("_links")
    up = _list(links.get("up")) if isinstance(links, dict) else []
    found = ORDER_LINK.search(text_of(up[0], "href")) if up else None
    return found[1] if found else None


def refund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Refunds as ``refunds``; one that only was recorded moved no money."""
    return collected(unpacked, _refunds, REFUND_STREAMS, unstated(connection))


def _refunds(refund: dict[str, Any]) -> Made:
    moved = refund.get("refunded_payment")
    status = {True: "succeeded", False: "closed"}.get(moved) if isinstance(moved, bool) else None
    value = amount(text_of(refund, "amount"))
    made = {
        "refund_no": text_of(refund, "id"),
        "order_no": order_of_refund(refund),
        "type": "refund_only",
        "status": status,
        "amount": None if value is None or value < 0 else money(value),
        "merchant_refund_no": meta(refund, *REFUND_NUMBERS),
        "reason": text_of(refund, "reason") or None,
        "applied_at": _gmt(refund, "date_created_gmt"),
        "succeeded_at": _gmt(refund, "date_created_gmt") if status == "succeeded" else None,
    }
    return {"refunds": [made]}
