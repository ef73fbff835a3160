"""Orders, settlement reports and payouts of the market's Amazon shop as the platform shows them at a moment."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.sandbox.market import Market

_SHOP, _WALLET, _CURRENCY, _MARKETPLACE = "amazon_us", "amazon_wallet", "USD", "ATVPDKIKX0DER"
_LOOKBACK = timedelta(days=17)
_OFFSET = timedelta(hours=8)
_STATUSES = {"created": "PENDING", "paid": "UNSHIPPED", "cancelled": "CANCELLED", "closed": "CANCELLED"}
_COLUMNS = (
    *("settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency"),
    *("transaction-type", "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name"),
    *("amount-type", "amount-description", "amount", "fulfillment-id", "posted-date", "posted-date-time"),
    *("order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased"),
    "promotion-id",
)

Key = tuple[date, int]


def utc(moment: datetime) -> str:
    """A moment of the world as the platform writes it."""
    return (moment - _OFFSET).strftime("%Y-%m-%dT%H:%M:%SZ")


def _flat(moment: datetime) -> str:
    return (moment - _OFFSET).strftime("%Y-%m-%d %H:%M:%S UTC")


def _dollars(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _money(cents: int) -> dict[str, str]:
    return {"amount": _dollars(cents), "currencyCode": _CURRENCY}


def order_keys(market: Market, column: str, first: datetime, last: datetime, now: datetime) -> list[Key]:
    """Orders changed or made in the window, in that order."""
    return market.rows(
        f"select day, n from market.orders_at(?, ?, ?) where shop = ? and {column} >= ? and {column} < ?"
        f" order by {column}, order_no",
        [now, (first - _LOOKBACK).date(), now.date(), _SHOP, first, last],
    )


def orders(market: Market, keys: Sequence[Key], now: datetime, included: set[str]) -> list[dict[str, Any]]:
    """The orders by key, with the datasets that were asked for."""
    if not keys:
        return []
    places = ", ".join(f"(date '{day}', {n})" for day, n in keys)
    days = [day for day, _ in keys]
    found = {
        (row["day"], row["n"]): row
        for row in market.records(
            f"select * from market.orders_at(?, ?, ?) where shop = ? and (day, n) in ({places})",
            [now, min(days), max(days), _SHOP],
        )
    }
    lines: dict[Key, list[dict[str, Any]]] = {}
    for line in market.records(
        f"select * from market.lines where shop = ? and (day, n) in ({places}) order by line_no", [_SHOP]
    ):
        lines.setdefault((line["day"], line["n"]), []).append(line)
    return [_order(found[key], lines[key], now, included) for key in keys]


def _order(row: dict[str, Any], lines: list[dict[str, Any]], now: datetime, included: set[str]) -> dict[str, Any]:
    sent = row["shipped_at"] is not None and row["shipped_at"] <= now
    order: dict[str, Any] = {
        "orderId": row["order_no"],
        "orderAliases": [],
        "createdTime": utc(row["ordered_at"]),
        "lastUpdatedTime": utc(row["modified_at"]),
        "programs": [],
        "associatedOrders": [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": _MARKETPLACE, "marketplaceName": "Amazon.com"},
        "orderItems": _items(row, lines, with_proceeds="PROCEEDS" in included),
    }
    if "PROCEEDS" in included:
        order["proceeds"] = {"grandTotal": _money(row["buyer_paid"])}
    if "FULFILLMENT" in included:
        status = "SHIPPED" if sent else _STATUSES[row["status"]]
        order["fulfillment"] = {"fulfillmentStatus": status, "fulfilledBy": "MERCHANT"}
    if "PACKAGES" in included and sent and row["waybill_no"]:
        delivered = row["confirmed_at"] is not None and row["confirmed_at"] <= now
        order["packages"] = [
            {
                "packageReferenceId": "1",
                "createdTime": utc(row["shipped_at"]),
                "packageStatus": {"status": "DELIVERED" if delivered else "IN_TRANSIT"},
                "carrier": row["carrier"],
                "shipTime": utc(row["shipped_at"]),
                "trackingNumber": row["waybill_no"],
            }
        ]
    return order


def _items(row: dict[str, Any], lines: list[dict[str, Any]], *, with_proceeds: bool) -> list[dict[str, Any]]:
    items = []
    for line in lines:
        is_first = line["line_no"] == 1
        parts = [("ITEM", line["line_amount"]), ("DISCOUNT", -line["merchant_share"])]
        # freight and tax of the whole order stand at its first item
        parts += [("SHIPPING", row["freight"]), ("TAX", row["tax"])] if is_first else []
        item: dict[str, Any] = {
            "orderItemId": f"{row['order_no'].replace('-', '')[-13:]}{line['line_no']}",
            "quantityOrdered": line["quantity"],
            "product": {
                "asin": f"B0{line['sku_no']:08d}",
                "title": f"Item {line['sku_no']}",
                "sellerSku": f"SKU{line['sku_no']:04d}",
                "price": {"unitPrice": _money(line["unit_price"])},
            },
        }
        if with_proceeds:
            item["proceeds"] = {
                "proceedsTotal": _money(sum(cents for _, cents in parts)),
                "breakdowns": [{"type": kind, "subtotal": _money(cents)} for kind, cents in parts if cents],
            }
        items.append(item)
    return items


def made_at(row: Any) -> datetime:
    """When a settlement's report exists."""
    settled: datetime = row["settled_at"]
    return settled + timedelta(minutes=30)


def settlements(market: Market, first: datetime, last: datetime, now: datetime) -> list[dict[str, Any]]:
    """Settlements whose report was made in the window."""
    rows = market.records("select * from market.settlements where shop = ? order by settled_at, settlement_no", [_SHOP])
    return [row for row in rows if first <= made_at(row) < last and made_at(row) <= now]


def settlement(market: Market, number: str, now: datetime) -> dict[str, Any] | None:
    """One settlement whose report exists."""
    rows = market.records("select * from market.settlements where shop = ? and settlement_no = ?", [_SHOP, number])
    return rows[0] if rows and made_at(rows[0]) <= now else None


def report(market: Market, number: str) -> str:
    """The flat file, V2: a header row with the total, then one row per amount."""
    [head] = market.records("select * from market.settlements where shop = ? and settlement_no = ?", [_SHOP, number])
    lines = market.records(
        "select lines.*, orders.refund_no from market.settlement_lines as lines"
        " inner join market.orders as orders on lines.shop = orders.shop and lines.order_no = orders.order_no"
        " where lines.settlement_no = ? order by lines.line_no",
        [number],
    )
    start = datetime.combine(head["period_start"], time())
    rows: list[dict[str, str]] = [
        {
            "settlement-id": number,
            "settlement-start-date": _flat(start),
            "settlement-end-date": _flat(head["settled_at"]),
            "deposit-date": _flat(head["settled_at"] + timedelta(days=2)),
            "total-amount": _dollars(head["total"]),
            "currency": _CURRENCY,
        }
    ]
    rows += [_row(number, line) for line in lines]
    text = ["\t".join(_COLUMNS), *("\t".join(row.get(name, "") for name in _COLUMNS) for row in rows)]
    return "\n".join([*text, ""])


def _row(number: str, line: dict[str, Any]) -> dict[str, str]:
    component, cents = line["component"], line["amount"]
    kind, amount_type, description = {
        "goods": ("Order", "ItemPrice", "Principal"),
        "freight": ("Order", "ItemPrice", "Shipping"),
        "tax_collected": ("Order" if cents > 0 else "Refund", "ItemPrice", "Tax"),
        "tax_withheld": ("Order" if cents < 0 else "Refund", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"),
        "commission": ("Order", "ItemFees", "Commission"),
        "refund": ("Refund", "ItemPrice", "Principal"),
    }[component]
    posted = line["settled_at"]
    return {
        "settlement-id": number,
        "transaction-type": kind,
        "order-id": line["order_no"],
        "merchant-order-id": line["order_no"],
        "adjustment-id": line["refund_no"] if kind == "Refund" else "",
        "marketplace-name": "Amazon.com",
        "amount-type": amount_type,
        "amount-description": description,
        "amount": _dollars(cents),
        "fulfillment-id": "MFN",
        "posted-date": (posted - _OFFSET).strftime("%Y-%m-%d"),
        "posted-date-time": _flat(posted),
    }


def payouts(market: Market, first: datetime, last: datetime, now: datetime) -> list[dict[str, Any]]:
    """Payouts made in the window, each naming the settlement it pays."""
    rows = market.records(
        "select payouts.*, settlements.settlement_no from market.payouts as payouts"
        " inner join market.settlements as settlements on payouts.account = settlements.account"
        " and payouts.day = settlements.period_end + 1"
        " where payouts.account = ? and initiated_at >= ? and initiated_at < ? and initiated_at <= ?"
        " order by initiated_at",
        [_WALLET, first, last, now],
    )
    return [_payout(row, now) for row in rows]


def _payout(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    arrived = datetime.combine(row["arrives_on"], time(8)) <= now
    status = "PAID" if arrived else "IN_TRANSIT"
    made = utc(row["initiated_at"])
    return {
        "id": row["payout_no"],
        "partnerMetadata": {"partnerId": "A1", "accountType": "STANDARD_ORDERS", "marketplaceId": _MARKETPLACE},
        "currentStatus": status,
        "statusHistory": [{"status": status, "lastUpdatedDate": made}],
        "type": "SCHEDULED",
        "amount": {"currencyCode": _CURRENCY, "currencyAmount": row["amount"] / 100},
        "accountTail": "1234",
        "paymentMethod": "BANK_ACCOUNT",
        "creationDate": made,
        "paymentRail": "ACH",
        "traceId": row["trace_no"],
        "period": {"startDate": made, "endDate": made},
        "relatedIdentifiers": [
            {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": row["settlement_no"]}
        ],
    }
