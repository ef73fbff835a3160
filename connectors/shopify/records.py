"""Shopify's records in the names of the contract's streams, for ``tieout inspect``."""

from decimal import Decimal
from typing import Any

from connectors.core.canonical import collected, json_records, local_time, positive, unread, unstated
from connectors.core.protocol import Canonical, Connection, Reject, Unpacked
from connectors.core.text import amount, money

PAID_KINDS = frozenset({"SALE", "CAPTURE"})
NOT_PAID = frozenset({"PENDING", "AUTHORIZED", "PARTIALLY_PAID", "EXPIRED", "VOIDED"})
PAID = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})
PAYOUT_STATUSES = {
    "SCHEDULED": "in_transit",
    "IN_TRANSIT": "in_transit",
    "PAID": "paid",
    "FAILED": "failed",
    "CANCELED": "failed",
}
PAYOUT_STREAMS = {"payouts": ("payout_no", "amount", "initiated_at")}
TRANSFER = "TRANSFER"
TRANSFER_IN = "TRANSFER_IN"
"""What is collected from the bank; it has no word of its own at the source."""
WITHDRAWAL = "WITHDRAWAL"
SUMMARY_PAIRS = (
    ("chargesGross", "chargesFee"),
    ("refundsFeeGross", "refundsFee"),
    ("adjustmentsGross", "adjustmentsFee"),
    ("reservedFundsGross", "reservedFundsFee"),
    ("retriedPayoutsGross", "retriedPayoutsFee"),
)
ADVANCES = ("advanceGross", "advanceFees")


def tail(gid: Any) -> str | None:
    """The number at the end of a global id such as ``gid://shopify/Order/1``."""
    return str(gid).rpartition("/")[2] or None if gid else None


def _inner(record: Any, *steps: str) -> Any:
    for step in steps:
        record = record.get(step) if isinstance(record, dict) else None
    return record


def _amount(record: Any, *steps: str) -> Decimal | None:
    value = _inner(record, *steps, "amount")
    return None if value is None else amount(str(value))


def _shop_money(record: Any, name: str) -> Decimal | None:
    return _amount(record, name, "shopMoney")


def _text(value: Decimal | None) -> str | None:
    return None if value is None else positive(format(value, "f"))


def _time(record: Any, name: str, connection: Connection) -> str | None:
    return local_time(str(_inner(record, name) or ""), connection.timezone)


def _list(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def payout_contradiction(record: dict[str, Any]) -> str:
    """How a payout differs from its own summary; empty where it agrees or says too little.

    Whether the parts of a summary are all there are is not documented, so it is told, not refused.
    """
    summary, net = record.get("summary"), _amount(record, "net")
    parts = [(_amount(summary, gross), _amount(summary, fee)) for gross, fee in SUMMARY_PAIRS]
    if net is None or any(_amount(summary, name) for name in ADVANCES):
        return ""
    known = [(gross, fee) for gross, fee in parts if gross is not None and fee is not None]
    if len(known) < len(parts):
        return ""
    total = sum((gross - fee for gross, fee in known), Decimal())
    if total == net:
        return ""
    return f"payout {tail(record.get('id'))} states {money(net)}, its summary adds up to {money(total)}"


def _status(order: dict[str, Any]) -> str | None:
    paid, sent = order.get("displayFinancialStatus"), order.get("displayFulfillmentStatus")
    if order.get("cancelledAt"):
        return "closed" if paid in PAID else "cancelled"
    if paid in NOT_PAID:
        return "created"
    if paid not in PAID:
        return None
    if sent == "FULFILLED":
        return "completed" if order.get("closedAt") else "shipped"
    return "closed" if paid == "REFUNDED" else "paid"


def _order(order: dict[str, Any], connection: Connection) -> dict[str, Any]:
    paid_at = [
        str(payment["processedAt"])
        for payment in _list(order.get("transactions"))
        if payment.get("kind") in PAID_KINDS and payment.get("status") == "SUCCESS" and payment.get("processedAt")
    ]
    parcels = _list(order.get("fulfillments"))
    lines = [_shop_money(line, "originalTotalSet") for line in _list(_inner(order, "lineItems", "nodes"))]
    is_whole = lines and None not in lines and not _inner(order, "lineItems", "pageInfo", "hasNextPage")
    status = _status(order)
    return {
        "order_no": tail(order.get("id")),
        "status": status,
        "ordered_at": _time(order, "createdAt", connection),
        "paid_at": local_time(min(paid_at, default=""), connection.timezone),
        "shipped_at": _time({"at": min((str(p["createdAt"]) for p in parcels), default="")}, "at", connection),
        "signed_at": _time(
            {"at": max((str(p.get("deliveredAt") or "") for p in parcels), default="")}, "at", connection
        ),
        "confirmed_at": _time(order, "closedAt", connection) if status == "completed" else None,
        "goods_amount": money(sum(filter(None, lines), Decimal())) if is_whole else None,
        "merchant_discount": _text(_shop_money(order, "totalDiscountsSet")),
        "freight": _text(_shop_money(order, "totalShippingPriceSet")),
        "buyer_paid": _text(_shop_money(order, "totalPriceSet")),
        "tax_collected": _text(_tax(order)),
        "payment_method": payment_method(order.get("paymentGatewayNames")),
        "updated_at": _time(order, "updatedAt", connection),
    }


def _tax(order: dict[str, Any]) -> Decimal:
    """Tax that comes on top of the prices; where prices include it, it is part of them."""
    on_top = Decimal() if order.get("taxesIncluded") is True else _shop_money(order, "totalTaxSet") or Decimal()
    return on_top + (_shop_money(order, "originalTotalDutiesSet") or Decimal())


def payment_method(gateways: Any) -> str:
    """How the money comes: orders of other gateways never show in a payout."""
    names = [str(name) for name in gateways] if isinstance(gateways, list) else []
    if "shopify_payments" in names or not names:
        return "online"
    return (
        "cod" if "cash_on_delivery" in {name.lower().replace(" ", "_").split("_(")[0] for name in names} else "offline"
    )


def _line(order_no: str | None, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_no": order_no,
        "line_no": tail(line.get("id")),
        "sku": line.get("sku") or None,
        "title": line.get("name"),
        "quantity": str(line.get("quantity")) if line.get("quantity") is not None else None,
        "unit_price": _text(_shop_money(line, "originalUnitPriceSet")),
        "line_amount": _text(_shop_money(line, "originalTotalSet")),
        "merchant_discount": money(
            sum(
                (
                    _shop_money(part, "allocatedAmountSet") or Decimal()
                    for part in _list(line.get("discountAllocations"))
                ),
                Decimal(),
            )
        ),
    }


def _refund(order: dict[str, Any], refund: dict[str, Any], connection: Connection) -> dict[str, Any]:
    moved = [item for item in _list(_inner(refund, "transactions", "nodes")) if item.get("kind") == "REFUND"]
    done = [item for item in moved if item.get("status") == "SUCCESS"]
    is_running = any(item.get("status") in {"PENDING", "AWAITING_RESPONSE"} for item in moved)
    status = "processing" if is_running else "succeeded" if done else "closed"
    return {
        "refund_no": tail(refund.get("id")),
        "order_no": tail(order.get("id")),
        "type": "cancel" if order.get("cancelledAt") else "return_refund" if refund.get("return") else "refund_only",
        "status": status,
        "amount": money(sum((_shop_money(item, "amountSet") or Decimal() for item in done), Decimal())),
        "merchant_refund_no": tail(min((str(item.get("id")) for item in done), default="")),
        "reason": refund.get("note") or None,
        "applied_at": _time(refund, "createdAt", connection),
        "succeeded_at": local_time(
            max((str(item.get("processedAt") or "") for item in done), default=""), connection.timezone
        )
        if status == "succeeded"
        else None,
    }


def _shipments(order: dict[str, Any], connection: Connection) -> list[dict[str, Any]]:
    return [
        {
            "waybill_no": str(parcel["number"]),
            "order_no": tail(order.get("id")),
            "carrier": parcel.get("company"),
            "outbound_no": tail(sent.get("id")),
            "picked_up_at": _time(sent, "inTransitAt", connection),
            "delivered_at": _time(sent, "deliveredAt", connection),
        }
        for sent in _list(order.get("fulfillments"))
        for parcel in _list(sent.get("trackingInfo"))
        if parcel.get("number")
    ]


def flow_rows(record: dict[str, Any], connection: Connection) -> list[dict[str, Any]]:
    """A balance transaction as movements: what it is about, and its fee beside it.

    Where net is not amount − fee (adjustments write their fee with the wrong sign), net is what moved.
    """
    gross, fee, net = _amount(record, "amount"), _amount(record, "fee"), _amount(record, "net")
    number, kind = tail(record.get("id")), str(record.get("type") or "")
    if gross is None or fee is None or net is None:
        return [{"flow_no": number, "amount": None, "occurred_at": _time(record, "transactionDate", connection)}]
    if gross - fee != net:
        gross, fee = net, Decimal()
    is_payout = kind.startswith(TRANSFER)
    if kind == TRANSFER and gross > 0:
        kind = TRANSFER_IN
    parts = [(number, kind, gross)] if gross or not fee else []
    parts += [(f"{number}-fee", f"{kind}_FEE", -fee)] if fee else []
    return [
        {
            "flow_no": flow_no,
            "occurred_at": _time(record, "transactionDate", connection),
            "direction": "out" if moved < 0 else "in",
            "amount": _text(abs(moved)),
            "business_type": business_type,
            "order_no": tail(_inner(record, "associatedOrder", "id")),
            "merchant_pay_no": str(record.get("sourceOrderTransactionId") or "") or None,
            "business_ref": str(record.get("sourceId") or "") or None,
            "payout_no": tail(_inner(record, "associatedPayout", "id")) if is_payout else None,
            "remark": record.get("adjustmentReason") or None,
        }
        for flow_no, business_type, moved in parts
    ]


def _payouts(record: dict[str, Any], connection: Connection) -> list[dict[str, Any]]:
    if record.get("transactionType") == WITHDRAWAL:
        return []
    net = _amount(record, "net")
    return [
        {
            "payout_no": tail(record.get("id")),
            "amount": None if net is None or net < 0 else _text(net),
            "initiated_at": _time(record, "issuedAt", connection),
            "bank_reference": record.get("externalTraceId") or None,
            "status": PAYOUT_STATUSES.get(str(record.get("status"))),
        }
    ]


def order_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Orders as ``orders``, ``order_lines``, ``refunds`` and ``shipments``."""
    streams: dict[str, list[dict[str, Any]]] = {"orders": [], "order_lines": [], "refunds": [], "shipments": []}
    rejects: list[Reject] = []
    for part in unpacked.parts:
        for position, order in json_records(part):
            mark = unstated(connection, order.get("currencyCode"))
            lines = [_line(tail(order.get("id")), line) for line in _list(_inner(order, "lineItems", "nodes"))]
            streams["order_lines"].extend(line | mark for line in lines)
            if order.get("createdAt") is None:
                continue
            made = _order(order, connection)
            missing = next((n for n in ("order_no", "status", "ordered_at", "buyer_paid") if not made[n]), "")
            if missing:
                rejects.append(Reject(position, missing, unread(missing)))
            else:
                streams["orders"].append(made | mark)
            streams["refunds"].extend(_refund(order, item, connection) | mark for item in _list(order.get("refunds")))
            streams["shipments"].extend(item | mark for item in _shipments(order, connection))
    return Canonical(streams=streams, quarantine=tuple(rejects))


def balance_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Balance transactions as ``fund_flows``, each judged by itself; the payout's own row is one of them."""
    found: list[dict[str, Any]] = []
    rejects: list[Reject] = []
    for part in unpacked.parts:
        for position, record in json_records(part):
            for row in flow_rows(record, connection):
                missing = next((name for name in ("flow_no", "occurred_at", "amount") if not row.get(name)), "")
                if missing:
                    rejects.append(Reject(position, missing, unread(missing)))
                else:
                    found.append(row | unstated(connection, _inner(record, "amount", "currencyCode")))
    return Canonical(streams={"fund_flows": found}, quarantine=tuple(rejects))


def payout_records(unpacked: Unpacked, connection: Connection) -> Canonical:
    """Payouts to the bank; what is collected from it shows as a movement only."""
    return collected(
        unpacked,
        lambda payout: {"payouts": _payouts(payout, connection)},
        PAYOUT_STREAMS,
        lambda _, payout: unstated(connection, _inner(payout, "net", "currencyCode")),
    )
