"""Orders, balance transactions and payouts of the market's Shopify shop as the platform shows them at a moment."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.sandbox.market import Market

_SHOP, _WALLET, _CURRENCY = "shopify_us", "shopify_wallet", "USD"
_LOOKBACK = timedelta(days=17)
_OFFSET = timedelta(hours=8)
_TYPES = {"payment": "CHARGE", "refund": "REFUND", "payout": "TRANSFER"}
_UNKNOWN = "SEASONAL_THANK_YOU"
_SUMMARY = (
    *("chargesGross", "chargesFee", "refundsFeeGross", "refundsFee", "adjustmentsGross", "adjustmentsFee"),
    *("reservedFundsGross", "reservedFundsFee", "retriedPayoutsGross", "retriedPayoutsFee"),
    *("advanceGross", "advanceFees"),
)


def _gid(kind: str, number: Any) -> str:
    return f"gid://shopify/{kind}/{number}"


def _utc(moment: datetime | None, now: datetime) -> str | None:
    if moment is None or moment > now:
        return None
    return (moment - _OFFSET).strftime("%Y-%m-%dT%H:%M:%SZ")


def _money(cents: int) -> dict[str, str]:
    sign, whole = "-" if cents < 0 else "", abs(cents)
    text = f"{whole // 100}.{whole % 100:02d}"
    return {"amount": sign + (text.removesuffix("0")), "currencyCode": _CURRENCY}


def _set(cents: int) -> dict[str, Any]:
    return {"shopMoney": _money(cents), "presentmentMoney": _money(cents)}


def order_keys(
    market: Market, first: datetime, last: datetime, now: datetime, ids: Sequence[str]
) -> list[tuple[str, str]]:
    """(time of the newest change, order number) in that order; the window is half open."""
    market.ensure(now.date())
    start = max(first - _LOOKBACK, datetime(2000, 1, 1)).date()  # noqa: DTZ001 - the world's clock
    rows = market.rows(
        "select modified_at, order_no from market.orders_at(?, ?, ?)"
        " where shop = ? and modified_at >= ? and modified_at < ? order by modified_at, order_no",
        [now, start, now.date(), _SHOP, first, last],
    )
    return [(moment.isoformat(), str(number)) for moment, number in rows if not ids or str(number) in ids]


def orders(market: Market, numbers: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """The orders by number, in the order asked for."""
    if not numbers:
        return []
    marks = ", ".join("?" for _ in numbers)
    found = {
        str(row["order_no"]): row
        for row in market.records(
            f"select * from market.orders_at(?, date '2000-01-01', ?) where shop = ? and order_no in ({marks})",
            [now, now.date(), _SHOP, *numbers],
        )
    }
    lines: dict[tuple[date, int], list[dict[str, Any]]] = {}
    places = ", ".join(f"(date '{row['day']}', {row['n']})" for row in found.values())
    for line in market.records(
        f"select * from market.lines where shop = ? and (day, n) in ({places}) order by day, n, line_no", [_SHOP]
    ):
        lines.setdefault((line["day"], line["n"]), []).append(line)
    return [_order(found[number], lines[found[number]["day"], found[number]["n"]], now) for number in numbers]


def _transaction(number: str, kind: str, status: str, cents: int, moment: str | None) -> dict[str, Any]:
    return {
        "id": _gid("OrderTransaction", number),
        "kind": kind,
        "status": status,
        "gateway": "shopify_payments",
        "processedAt": moment,
        "amountSet": _set(cents),
    }


def _order(row: dict[str, Any], lines: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    status, tail = row["status"], f"{row['day']:%y%m%d}{row['n']:09d}"
    refunded = row["refunded_at"] is not None and row["refunded_at"] <= now
    if status in {"created", "cancelled"}:
        financial = "PENDING" if status == "created" else "VOIDED"
    elif refunded:
        financial = "REFUNDED" if row["refund_amount"] == row["buyer_paid"] else "PARTIALLY_REFUNDED"
    else:
        financial = "PAID"
    sent = row["shipped_at"] is not None and row["shipped_at"] <= now
    paid = row["paid_at"] is not None and row["paid_at"] <= now
    return {
        "id": _gid("Order", row["order_no"]),
        "legacyResourceId": row["order_no"],
        "name": f"#{row['order_no']}",
        "createdAt": _utc(row["ordered_at"], now),
        "updatedAt": _utc(row["modified_at"], now),
        "processedAt": _utc(row["ordered_at"], now),
        "cancelledAt": _utc(row["cancelled_at"] or row["closed_at"], now),
        # the merchant archives an order once the buyer has it for good
        "closedAt": _utc(row["confirmed_at"], now),
        "displayFinancialStatus": financial,
        "displayFulfillmentStatus": "FULFILLED" if sent else "UNFULFILLED",
        "currencyCode": _CURRENCY,
        "taxesIncluded": False,
        "test": False,
        "paymentGatewayNames": ["shopify_payments"],
        "customer": {"id": _gid("Customer", row["buyer"])},
        "totalPriceSet": _set(row["buyer_paid"]),
        "subtotalPriceSet": _set(row["goods"] - row["merchant_discount"]),
        "totalDiscountsSet": _set(row["merchant_discount"]),
        "totalShippingPriceSet": _set(row["freight"]),
        "totalTaxSet": _set(row["tax"]),
        "originalTotalDutiesSet": None,
        "transactions": [_transaction(f"CH{tail}", "SALE", "SUCCESS", row["buyer_paid"], _utc(row["paid_at"], now))]
        if paid
        else [],
        "lineItems": [_line(row, line) for line in lines],
        "refunds": _refunds(row, tail, now),
        "fulfillments": [_parcel(row, now)] if sent else [],
    }


def _line(row: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    shares = [{"allocatedAmountSet": _set(line["merchant_share"])}] if line["merchant_share"] else []
    return {
        "id": _gid("LineItem", f"{row['order_no']}{line['line_no']}"),
        "sku": f"SKU{line['sku_no']:04d}",
        "name": f"Item {line['sku_no']}",
        "quantity": line["quantity"],
        "originalUnitPriceSet": _set(line["unit_price"]),
        "originalTotalSet": _set(line["line_amount"]),
        "discountAllocations": shares,
    }


def _refunds(row: dict[str, Any], tail: str, now: datetime) -> list[dict[str, Any]]:
    if row["applied_at"] is None or row["applied_at"] > now:
        return []
    done = row["refunded_at"] <= now
    moment = _utc(row["refunded_at"], now)
    payment = _transaction(f"RF{tail}", "REFUND", "SUCCESS" if done else "PENDING", row["refund_amount"], moment)
    return [
        {
            "id": _gid("Refund", row["refund_no"]),
            "createdAt": _utc(row["applied_at"], now),
            "note": "damaged",
            "return": None,
            "transactions": lambda arguments: {"nodes": [payment][: arguments.get("first") or 0]},
        }
    ]


def _parcel(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    tracked = [{"number": row["waybill_no"], "company": row["carrier"], "url": None}] if row["waybill_no"] else []
    return {
        "id": _gid("Fulfillment", row["order_no"]),
        "status": "SUCCESS",
        "createdAt": _utc(row["shipped_at"], now),
        "inTransitAt": _utc(row["picked_up_at"], now),
        "deliveredAt": _utc(row["delivered_at"], now),
        "totalQuantity": row["quantity"],
        "trackingInfo": tracked,
    }


def balance(market: Market, first: datetime, last: datetime, now: datetime) -> list[dict[str, Any]]:
    """Balance transactions of the window: a charge and its fee are one."""
    market.ensure(min(last, now).date())
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in market.records(
        "select * from market.flows where account = ? and occurred_at >= ? and occurred_at < ? and occurred_at <= ?"
        " order by occurred_at, row_no",
        [_WALLET, first, last, now],
    ):
        grouped.setdefault(str(row["transaction_no"] or row["flow_no"]), []).append(row)
    paid = _paid_by_day(market, now)
    return [_transaction_of(rows, paid) for rows in grouped.values()]


def _paid_by_day(market: Market, now: datetime) -> dict[date, str]:
    """Which payout took the movements of a day."""
    rows = market.rows(
        "select day, payout_no from market.payouts where account = ? and initiated_at <= ?", [_WALLET, now]
    )
    return {day - timedelta(days=1): str(number) for day, number in rows}


def _transaction_of(rows: list[dict[str, Any]], paid: dict[date, str]) -> dict[str, Any]:
    head = rows[0]
    fee = -sum(row["amount"] for row in rows[1:])
    payout = head["payout_no"] or paid.get(head["day"])
    order = head["order_no"]
    return {
        "id": _gid("ShopifyPaymentsBalanceTransaction", head["flow_no"]),
        "type": _TYPES.get(head["kind"], _UNKNOWN),
        "test": False,
        "transactionDate": _utc(head["occurred_at"], head["occurred_at"]),
        "sourceId": head["transaction_no"] or head["payout_no"],
        "sourceType": {"payment": "CHARGE", "refund": "REFUND", "payout": "TRANSFER"}.get(head["kind"], "ADJUSTMENT"),
        "sourceOrderTransactionId": head["transaction_no"] if order else None,
        "adjustmentReason": head["memo"] or None,
        "amount": _money(head["amount"]),
        "fee": _money(fee),
        "net": _money(head["amount"] - fee),
        "associatedOrder": {"id": _gid("Order", order), "name": f"#{order}"} if order else None,
        "associatedPayout": {
            "id": _gid("ShopifyPaymentsPayout", payout) if payout else None,
            "status": "PAID" if payout else "PENDING",
        },
    }


def payouts(market: Market, first: datetime, last: datetime, now: datetime) -> list[dict[str, Any]]:
    """Payouts issued in the window, with what they are made of."""
    market.ensure(min(last, now).date())
    rows = market.records(
        "select * from market.payouts where account = ? and initiated_at >= ? and initiated_at < ?"
        " and initiated_at <= ? order by initiated_at",
        [_WALLET, first, last, now],
    )
    return [_payout(market, row, now) for row in rows]


def _payout(market: Market, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    sums = {
        str(kind): int(cents)
        for kind, cents in market.rows(
            "select kind, sum(amount)::bigint from market.flows where account = ? and day = ? group by kind",
            [_WALLET, row["day"] - timedelta(days=1)],
        )
    }
    known = {
        "chargesGross": sums.get("payment", 0),
        "chargesFee": -sums.get("payment_fee", 0),
        "refundsFeeGross": sums.get("refund", 0),
    }
    rest = row["amount"] - known["chargesGross"] + known["chargesFee"] - known["refundsFeeGross"]
    known["adjustmentsGross"] = rest
    arrived = datetime.combine(row["arrives_on"], time(8)) <= now
    return {
        "id": _gid("ShopifyPaymentsPayout", row["payout_no"]),
        "legacyResourceId": row["payout_no"],
        "issuedAt": _utc(row["initiated_at"], now),
        "status": "PAID" if arrived else "IN_TRANSIT",
        "transactionType": "DEPOSIT",
        "externalTraceId": row["trace_no"],
        "net": _money(row["amount"]),
        "summary": {name: _money(known.get(name, 0)) for name in _SUMMARY},
    }
