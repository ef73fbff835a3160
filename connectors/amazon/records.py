"""Amazon's orders, settlements and payouts in the names of the contract's streams, for ``tieout inspect``."""

from decimal import Decimal
from typing import Any

from connectors.core.canonical import Made, collected, csv_rows, local_time, positive, unstated
from connectors.core.protocol import Canonical, Connection, Part, Reject, Unpacked
from connectors.core.text import amount, money

STATUSES = {
    "PENDING_AVAILABILITY": "created",
    "PENDING": "created",
    "UNSHIPPED": "paid",
    "PARTIALLY_SHIPPED": "paid",
    "SHIPPED": "shipped",
    "CANCELLED": "cancelled",
    "UNFULFILLABLE": "cancelled",
}
PAYOUT_STATUSES = {"STARTED": "in_transit", "IN_TRANSIT": "in_transit", "PAID": "paid", "FAILED": "failed"}
ORDER_STREAMS = {"orders": ("order_no", "status", "ordered_at", "buyer_paid"), "order_lines": (), "shipments": ()}
PAYOUT_STREAMS = {"payouts": ("payout_no", "amount", "initiated_at")}
GOODS, FREIGHT, DISCOUNT, TAX = "ITEM", "SHIPPING", "DISCOUNT", "TAX"


def _inner(record: Any, *steps: str) -> Any:
    for step in steps:
        record = record.get(step) if isinstance(record, dict) else None
    return record


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(record: Any, *steps: str) -> str:
    value = _inner(record, *steps)
    return "" if value is None else str(value)


def _share(item: dict[str, Any], kind: str) -> Decimal:
    """What the item's proceeds say under one type of breakdown."""
    parts = [part for part in _list(_inner(item, "proceeds", "breakdowns")) if part.get("type") == kind]
    return sum((amount(_text(part, "subtotal", "amount")) or Decimal() for part in parts), Decimal())


def _time(record: Any, connection: Connection, *steps: str) -> str | None:
    return local_time(_text(record, *steps), connection.timezone)


def _status(order: dict[str, Any]) -> str | None:
    status = STATUSES.get(_text(order, "fulfillment", "fulfillmentStatus"))
    parcels = _list(order.get("packages"))
    is_done = parcels and all(_text(parcel, "packageStatus", "status") == "DELIVERED" for parcel in parcels)
    return "completed" if status == "shipped" and is_done else status


def _order(order: dict[str, Any], connection: Connection) -> dict[str, Any]:
    items = _list(order.get("orderItems"))
    sums = {kind: sum((_share(item, kind) for item in items), Decimal()) for kind in (GOODS, FREIGHT, DISCOUNT, TAX)}
    status = _status(order)
    sent = [_text(parcel, "shipTime") for parcel in _list(order.get("packages")) if parcel.get("shipTime")]
    created = _time(order, connection, "createdTime")
    return {
        "order_no": _text(order, "orderId"),
        "status": status,
        "ordered_at": created,
        # Amazon charges the buyer by itself: an order that is to be shipped is paid
        "paid_at": created if status in {"paid", "shipped", "completed"} else None,
        "shipped_at": local_time(min(sent, default=""), connection.timezone),
        "goods_amount": money(sums[GOODS]) if items else None,
        "merchant_discount": money(abs(sums[DISCOUNT])),
        "freight": money(sums[FREIGHT]),
        "buyer_paid": positive(_text(order, "proceeds", "grandTotal", "amount")),
        "tax_collected": money(sums[TAX]),
        "payment_method": "online",
        "ship_mode": "fba" if _text(order, "fulfillment", "fulfilledBy") == "AMAZON" else "domestic",
        "updated_at": _time(order, connection, "lastUpdatedTime"),
    }


def _line(order: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_no": _text(order, "orderId"),
        "line_no": _text(item, "orderItemId"),
        "sub_order_no": _text(item, "orderItemId"),
        "sku": _text(item, "product", "sellerSku") or None,
        "title": _text(item, "product", "title") or None,
        "quantity": _text(item, "quantityOrdered") or None,
        "unit_price": _text(item, "product", "price", "unitPrice", "amount") or None,
        "line_amount": money(_share(item, GOODS)),
        "merchant_discount": money(abs(_share(item, DISCOUNT))),
    }


def _shipments(order: dict[str, Any], connection: Connection) -> list[dict[str, Any]]:
    return [
        {
            "waybill_no": _text(parcel, "trackingNumber"),
            "order_no": _text(order, "orderId"),
            "carrier": _text(parcel, "carrier") or None,
            "outbound_no": _text(parcel, "packageReferenceId") or None,
            "tracked_at": _time(parcel, connection, "createdTime"),
            "picked_up_at": _time(parcel, connection, "shipTime"),
        }
        for parcel in _list(order.get("packages"))
        if parcel.get("trackingNumber")
    ]


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Orders as ``orders``, ``order_lines`` and ``shipments``."""

    def made(order: dict[str, Any]) -> Made:
        return {
            "orders": [_order(order, connection)],
            "order_lines": [_line(order, item) for item in _list(order.get("orderItems"))],
            "shipments": _shipments(order, connection),
        }

    def belonging(_: Part, order: dict[str, Any]) -> dict[str, Any]:
        return unstated(connection, _text(order, "proceeds", "grandTotal", "currencyCode"))

    return collected(unpacked, made, ORDER_STREAMS, belonging)


def settlement_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """A report as ``settlements``, ``settlement_lines`` and the ``refunds`` that the lines tell of."""
    streams: dict[str, list[dict[str, Any]]] = {"settlements": [], "settlement_lines": [], "refunds": []}
    rejects: list[Reject] = []
    places = {statement.statement_no: place for place, statement in enumerate(unpacked.statements)}
    for part in unpacked.parts:
        for _, row in csv_rows(part):
            place = places.get(row.get("settlement_no"), 0)
            mark = {"statement": place, "account": connection.account, "currency": row["currency"]}
            made: dict[str, Any] = {name: value or None for name, value in row.items()} | mark
            if part.table == "settlements":
                made["payout_no"] = row["settlement_no"]
            elif part.table == "refunds":
                made |= {"type": "refund_only", "status": "succeeded", "applied_at": row["succeeded_at"]}
                if made["amount"].startswith("-"):
                    rejects.append(Reject(0, "amount", "a refund gives nothing back to the seller"))
                    continue
            elif not row["component"]:
                source_line, word = int(row["source_line"]), row["source_component"]
                rejects.append(Reject(source_line, "component", f"component is not known for {word}"))
                continue
            streams[part.table].append(made)
    return Canonical(streams=streams, quarantine=tuple(rejects))


def settlement_of(payout: dict[str, Any]) -> str | None:
    """The settlement that a payout pays."""
    related = _list(payout.get("relatedIdentifiers"))
    numbers = [_text(i, "relatedIdentifierValue") for i in related if i.get("relatedIdentifierName") == "SETTLEMENT_ID"]
    return numbers[0] if len(numbers) == 1 else None


def payout_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Payouts by the number of the settlement they pay, else by their own."""
    return collected(
        unpacked,
        lambda payout: {"payouts": [_payout(payout, connection)]},
        PAYOUT_STREAMS,
        lambda _, payout: unstated(connection, _text(payout, "amount", "currencyCode")),
    )


def _payout(payout: dict[str, Any], connection: Connection) -> dict[str, Any]:
    value = amount(_text(payout, "amount", "currencyAmount"))
    return {
        "payout_no": settlement_of(payout) or _text(payout, "id"),
        "amount": None if value is None or value < 0 else money(value),
        "initiated_at": _time(payout, connection, "creationDate"),
        "bank_account": _text(payout, "accountTail") or None,
        "bank_reference": _text(payout, "traceId") or None,
        "status": PAYOUT_STATUSES.get(_text(payout, "currentStatus")),
    }
