"""Taobao's trades and refunds in the names of the contract's streams, for ``tieout inspect``."""

from decimal import Decimal
from typing import Any

from connectors.core.canonical import Made, collected, local_time, positive, text_of, unstated
from connectors.core.days import SHANGHAI
from connectors.core.protocol import Canonical, Connection, Unpacked
from connectors.core.text import amount, money

STATUSES = {
    "TRADE_NO_CREATE_PAY": "created",
    "WAIT_BUYER_PAY": "created",
    "PAY_PENDING": "created",
    "WAIT_PRE_AUTH_CONFIRM": "created",
    "WAIT_SELLER_SEND_GOODS": "paid",
    "SELLER_CONSIGNED_PART": "paid",
    "WAIT_BUYER_CONFIRM_GOODS": "shipped",
    "TRADE_BUYER_SIGNED": "shipped",
    "TRADE_FINISHED": "completed",
    "TRADE_CLOSED": "closed",
    "TRADE_CLOSED_BY_TAOBAO": "cancelled",
}
TRADE_STREAMS = {"orders": ("order_no", "status", "ordered_at", "goods_amount", "buyer_paid"), "order_lines": ()}
REFUND_STREAMS = {"refunds": ("refund_no", "order_no", "status", "amount", "applied_at")}
REFUND_STATUSES = {
    "WAIT_SELLER_AGREE": "requested",
    "WAIT_BUYER_RETURN_GOODS": "approved",
    "WAIT_SELLER_CONFIRM_GOODS": "processing",
    "SELLER_REFUSE_BUYER": "rejected",
    "CLOSED": "closed",
    "SUCCESS": "succeeded",
}


def trade_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Trades of list pages as ``orders`` and ``order_lines``; discounts come only with the details."""
    return collected(unpacked, _of_trade, TRADE_STREAMS, unstated(connection, "CNY"))


def detail_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Full trades as ``orders`` and ``order_lines``."""
    return collected(unpacked, _of_trade, TRADE_STREAMS, unstated(connection, "CNY"))


def refund_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Refund tickets as ``refunds``."""
    return collected(unpacked, _refunds, REFUND_STREAMS, unstated(connection, "CNY"))


def _of_trade(trade: dict[str, Any]) -> Made:
    lines = [_line(trade, order) for order in _orders(trade)]
    return {"orders": [_order(trade, lines)], "order_lines": lines}


def _refunds(record: dict[str, Any]) -> Made:
    status = REFUND_STATUSES.get(text_of(record, "status"))
    refund = {
        "refund_no": text_of(record, "refund_id"),
        "order_no": text_of(record, "tid"),
        "line_no": text_of(record, "oid") or None,
        "type": "return_refund" if record.get("has_good_return") is True else "refund_only",
        "status": status,
        "amount": positive(text_of(record, "refund_fee")),
        "reason": text_of(record, "reason") or None,
        "applied_at": _time(record, "created"),
        "succeeded_at": _time(record, "modified") if status == "succeeded" else None,
    }
    return {"refunds": [refund]}


def _order(trade: dict[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    amounts = [amount(line["line_amount"] or "") for line in lines]
    goods = None if not amounts or None in amounts else sum(filter(None, amounts), Decimal())
    status = STATUSES.get(text_of(trade, "status"))
    return {
        "order_no": text_of(trade, "tid"),
        "status": status,
        "ordered_at": _time(trade, "created"),
        "paid_at": _time(trade, "pay_time"),
        "shipped_at": _time(trade, "consign_time"),
        "confirmed_at": _time(trade, "end_time") if status == "completed" else None,
        "goods_amount": None if goods is None else money(goods),
        "platform_subsidy": positive(text_of(trade, "platform_subsidy_fee")),
        "freight": positive(text_of(trade, "post_fee")),
        "buyer_paid": positive(text_of(trade, "payment")),
        "updated_at": _time(trade, "modified"),
    }


def _line(trade: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    price, number = amount(text_of(order, "price")), amount(text_of(order, "num"))
    return {
        "order_no": text_of(trade, "tid"),
        "line_no": text_of(order, "oid"),
        "sub_order_no": text_of(order, "oid"),
        "sku": text_of(order, "outer_sku_id") or text_of(order, "outer_iid") or None,
        "title": text_of(order, "title") or None,
        "quantity": text_of(order, "num") or None,
        "unit_price": text_of(order, "price") or None,
        "line_amount": None if price is None or number is None else money(price * number),
    }


def _orders(trade: dict[str, Any]) -> list[dict[str, Any]]:
    orders = trade.get("orders")
    found = orders.get("order") if isinstance(orders, dict) else orders
    return [order for order in found if isinstance(order, dict)] if isinstance(found, list) else []


def _time(record: dict[str, Any], name: str) -> str | None:
    return local_time(text_of(record, name), SHANGHAI)
