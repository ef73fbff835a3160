"""The market's JD shop as its platform shows it: orders, refund applications, settlement rows, the wallet."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sandbox.market import Market

SHOP, WALLET = "jd_shop", "jd_wallet"
UNSET = "0001-01-01 00:00:00"
_TIME = "%Y-%m-%d %H:%M:%S"
_LOOKBACK = timedelta(days=17)
_SKUS, _WARES = 10_054_887_700_000, 10_020_665_900_000
_STATES = {
    "paid": ("WAIT_SELLER_STOCK_OUT", "等待出库"),
    "shipped": ("WAIT_GOODS_RECEIVE_CONFIRM", "等待确认收货"),
    "completed": ("FINISHED_L", "完成"),
    "cancelled": ("TRADE_CANCELED", "取消"),
    "closed": ("TRADE_CANCELED", "取消"),
}
_CARRIER_NUMBERS = {"顺丰速运": "467", "圆通速递": "463"}


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _at(moment: datetime | None, now: datetime) -> str:
    return moment.strftime(_TIME) if moment is not None and moment <= now else UNSET


def listed(
    market: Market, start: datetime, end: datetime, now: datetime, *, states: Sequence[str], by_creation: bool
) -> list[dict[str, Any]]:
    """Orders of some states changed (or made) in a span, oldest first; nobody's unpaid ones."""
    market.ensure(now.date())
    column = "ordered_at" if by_creation else "modified_at"
    found = market.records(
        f"select * from market.orders_at(?, ?, ?) where shop = ? and status <> 'created'"
        f" and date_trunc('second', {column}) between ? and ? order by {column}, order_no",
        [now, (start - _LOOKBACK).date(), end.date(), SHOP, start, end],
    )
    return [row for row in found if _STATES[row["status"]][0] in states]


def orders(market: Market, rows: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The chosen orders with their items."""
    if not rows:
        return []
    pairs = ", ".join(f"(date '{row['day']}', {row['n']})" for row in rows)
    items: dict[tuple[Any, int], list[dict[str, Any]]] = {}
    for line in market.records(
        f"select * from market.lines inner join (values {pairs}) as wanted (day, n) using (day, n)"
        " where shop = ? order by line_no",
        [SHOP],
    ):
        items.setdefault((line["day"], line["n"]), []).append(_item(line))
    return [_order(row, items[row["day"], row["n"]], now) for row in rows]


def sku_number(sku_no: int) -> str:
    """JD's number of an item."""
    return str(_SKUS + sku_no)


def _item(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "skuName": f"商品{line['sku_no']:03d}",
        "itemTotal": str(line["quantity"]),
        "wareId": str(_WARES + line["sku_no"]),
        "outerSkuId": f"SKU{line['sku_no']:04d}",
        "jdPrice": _yuan(line["unit_price"]),
        "id": 228_886_533_000 + line["sku_no"],
        "invoiceContentId": "",
        "itemExt": f'{{"isVMI":0,"newStoreId":"0","cid":"{13_000 + line["sku_no"] % 10}"}}',
        "giftPoint": "0",
        "productNo": f"商品{line['sku_no']:03d}",
        "skuId": sku_number(line["sku_no"]),
        "newStoreId": "0",
    }


def _order(row: dict[str, Any], items: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    state, remark = _STATES[row["status"]]
    is_sent = row["shipped_at"] is not None and row["shipped_at"] <= now
    ended = row["confirmed_at"] or row["closed_at"] or row["cancelled_at"]
    return {
        "orderId": row["order_no"],
        "parentOrderId": "0",
        "directParentOrderId": "0",
        "venderId": "10000000",
        "orderType": "22",
        "orderSource": "移动端订单",
        "orderState": state,
        "orderStateRemark": remark,
        "payType": "4-在线支付",
        "orderTotalPrice": _yuan(row["goods"]),
        "sellerDiscount": _yuan(row["merchant_discount"]),
        "orderSellerPrice": _yuan(row["goods"] - row["merchant_discount"]),
        "freightPrice": _yuan(row["freight"]),
        "orderPayment": _yuan(row["buyer_paid"]),
        "balanceUsed": "0.00",
        "couponDetailList": _coupons(row, items[0]["skuId"]),
        "commission": {"amount": 0, "centFactor": 100, "cent": 0, "currency": "CNY", "currencyCode": "CNY"},
        "orderStartTime": _at(row["ordered_at"], now),
        "paymentConfirmTime": _at(row["paid_at"], now),
        "outBoundDate": _at(row["shipped_at"], now),
        "orderEndTime": _at(ended, now),
        "modified": _at(row["modified_at"], now),
        "dataVersion": str(int((row["modified_at"] - datetime(1970, 1, 1, 8)).total_seconds()) * 1000),  # noqa: DTZ001 - on a Beijing clock
        "itemInfoList": items,
        "waybill": row["waybill_no"] if is_sent else "",
        "logisticsId": _CARRIER_NUMBERS[row["carrier"]] if is_sent else "",
        "pin": f"jd_{row['buyer']}",
        "open_id_buyer": f"o_{row['buyer']}",
        "deliveryType": "任意时间",
        "idShipmenttype": "70",
        "idSopShipmenttype": 67,
        "invoiceInfo": "不需要开具发票",
        "invoiceEasyInfo": {"invoiceState": "3", "invoiceType": "0", "invoiceContentId": "1", "invoiceTitle": ""},
        "consigneeInfo": {"province": "***", "city": "***", "county": "***", "town": "***", "fullAddress": "***"},
        "returnOrder": "0",
        "storeOrder": "",
        "storeId": "0",
        "mdbStoreId": "",
        "vatInfo": [],
        "venderRemark": "",
        "flag": "",
        "sendpayMap": '{"34":"3","26":"2"}',
    }


def _coupons(row: dict[str, Any], sku: str) -> list[dict[str, str]]:
    kinds = (("100-店铺优惠", row["merchant_discount"]), ("41-京东券优惠", row["platform_subsidy"]))
    return [
        {"orderId": row["order_no"], "skuId": sku, "couponType": kind, "couponPrice": _yuan(fen)}
        for kind, fen in kinds
        if fen
    ]


def applications(market: Market, spans: Mapping[str, tuple[datetime, datetime]], now: datetime) -> list[dict[str, Any]]:
    """Refund applications made or decided in the spans, oldest first."""
    market.ensure(now.date())
    columns = {"apply": "applied_at", "check": "refunded_at"}
    wanted = " and ".join(f"date_trunc('second', {columns[what]}) between ? and ?" for what in spans)
    times = [moment for span in spans.values() for moment in span]
    rows = market.records(
        f"select * from market.orders where shop = ? and applied_at <= ? and {wanted} order by applied_at, refund_no",
        [SHOP, now, *times],
    )
    return [_application(row, now) for row in rows if "check" not in spans or row["refunded_at"] <= now]


def _application(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    is_done = row["refunded_at"] <= now
    return {
        "id": row["refund_no"],
        "buyerId": f"o_{row['buyer']}",
        "buyerName": "***",
        "orderId": row["order_no"],
        "applyTime": _at(row["applied_at"], now),
        "applyRefundSum": row["refund_amount"],
        "status": 3 if is_done else 0,
        "checkTime": _at(row["refunded_at"], now) if is_done else "",
        "checkUserName": "系统" if is_done else "",
        "checkRemark": "",
        "reason": "不想要了" if row["refund_kind"] == "cancel" else "商品瑕疵",
        "systemId": 19,
        "skuIdSet": [],
    }


def settled(market: Market, day: date) -> list[dict[str, Any]]:
    """What each order brings in the settlement of a day, as the fees JD names: goods hold the platform's coupons."""
    market.ensure(day)
    return market.records(
        """
        select
            lines.settlement_no, any_value(lines.settled_at) as settled_at, orders.*, any_value(items.sku_no) as sku_no,
            case
                when component in ('goods', 'platform_subsidy', 'refund', 'subsidy_clawback') then '货款'
                when component = 'freight' then '代收配送费'
                when component = 'commission' then '佣金'
                when component = 'freight_insurance' then '运费保险服务费'
                else component
            end as fee_name,
            lines.amount > 0 as is_in, sum(lines.amount)::bigint as amount
        from market.settlement_lines as lines
        inner join market.orders as orders on lines.shop = orders.shop and lines.order_no = orders.order_no
        inner join market.lines as items
            on orders.shop = items.shop and orders.day = items.day and orders.n = items.n and items.line_no = 1
        where lines.shop = ? and lines.settled_at::date = ?
        group by all
        order by order_no, fee_name, is_in desc
        """,
        [SHOP, day],
    )


def moved(market: Market, day: date) -> list[dict[str, Any]]:
    """The wallet's movements of a day."""
    market.ensure(day)
    return market.records(
        "select flows.*, settlements.period_end from market.flows as flows left join market.settlements as settlements"
        " on flows.settlement_no = settlements.settlement_no where flows.account = ? and flows.day = ? order by row_no",
        [WALLET, day],
    )
