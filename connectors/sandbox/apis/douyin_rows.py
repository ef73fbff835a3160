"""The market's Douyin shop as its platform shows it at a moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.market import Market

SHOP, WALLET = "douyin_shop", "douyin_wallet"
EPOCH = datetime(1970, 1, 1, 8)  # noqa: DTZ001 - the epoch on a Beijing clock
_TIME = "%Y-%m-%d %H:%M:%S"
_LOOKBACK = timedelta(days=17)
_PRODUCTS = 3_660_207_428_038_974_464
_SKUS = 3_410_716_076_201_730
_STATUS = {"created": 1, "paid": 2, "shipped": 3, "completed": 5, "cancelled": 4, "closed": 4}
_WORDS = {1: "待支付", 2: "备货中", 3: "已发货", 4: "已关闭", 5: "已完成"}
_REFUNDED_BEFORE, _REFUNDED_BEFORE_WORD = 21, "发货前退款完成"
_SETTLEMENTS = """
select
    settlements.settlement_no, settlements.settled_at, settlements.total, orders.*,
    parts.* exclude (settlement_no)
from market.settlements as settlements
inner join (
    select
        settlement_no, any_value(order_no) as settled_order,
        coalesce(sum(amount) filter (component in ('refund', 'subsidy_clawback')), 0)::bigint as taken_back,
        coalesce(sum(amount) filter (component = 'subsidy_clawback'), 0)::bigint as clawed,
        coalesce(sum(amount) filter (component = 'platform_subsidy'), 0)::bigint as subsidised,
        coalesce(sum(amount) filter (component = 'tech_fee'), 0)::bigint as charged,
        coalesce(sum(amount) filter (component = 'creator_fee'), 0)::bigint as promoted
    from market.settlement_lines
    where shop = ?
    group by settlement_no
) as parts on settlements.settlement_no = parts.settlement_no
inner join market.orders as orders on orders.order_no = parts.settled_order and orders.shop = settlements.shop
where settlements.settled_at between ? and ?
"""


def changed_orders(market: Market, start: datetime, end: datetime, now: datetime) -> list[dict[str, Any]]:
    """Orders whose newest change lies in the window, oldest change first."""
    market.ensure(now.date())
    return market.records(
        "select * from market.orders_at(?, ?, ?) where shop = ? and date_trunc('second', modified_at) between ? and ?"
        " order by modified_at, order_no",
        [now, (start - _LOOKBACK).date(), end.date(), SHOP, start, end],
    )


def orders(market: Market, rows: Sequence[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """The chosen orders with their lines and parcels."""
    if not rows:
        return []
    pairs = ", ".join(f"(date '{row['day']}', {row['n']})" for row in rows)
    lines: dict[tuple[Any, int], list[dict[str, Any]]] = {}
    for line in market.records(
        f"select * from market.lines inner join (values {pairs}) as wanted (day, n) using (day, n)"
        " where shop = ? order by line_no",
        [SHOP],
    ):
        lines.setdefault((line["day"], line["n"]), []).append(line)
    return [_order(row, lines[row["day"], row["n"]], now) for row in rows]


def _seconds(moment: datetime | None, now: datetime) -> int:
    return int((moment - EPOCH).total_seconds()) if moment is not None and moment <= now else 0


def _sub_no(order_no: str, line_no: int) -> str:
    return f"{order_no[:8]}{line_no - 1}{order_no[9:]}"


def _common(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    status = _STATUS[row["status"]]
    was_refunded = row["status"] == "closed"
    return {
        "biz": 2,
        "biz_desc": "小店",
        "order_type": 0,
        "order_type_desc": "普通订单",
        "trade_type": 0,
        "trade_type_desc": "普通",
        "order_status": status,
        "order_status_desc": _WORDS[status],
        "main_status": _REFUNDED_BEFORE if was_refunded else status,
        "main_status_desc": _REFUNDED_BEFORE_WORD if was_refunded else _WORDS[status],
        "pay_time": _seconds(row["paid_at"], now),
        "order_expire_time": 2700,
        "finish_time": _seconds(row["confirmed_at"], now),
        "create_time": _seconds(row["ordered_at"], now),
        "update_time": _seconds(row["modified_at"], now),
        "ship_time": _seconds(row["shipped_at"], now),
        "cancel_reason": "",
        "b_type": 2,
        "b_type_desc": "抖音",
        "app_id": 1128,
        "pay_type": 2,
        "channel_payment_no": f"{row['day']:%Y%m%d}22001{row['n']:011d}" if _seconds(row["paid_at"], now) else "",
        "post_insurance_amount": 0,
        "modify_amount": 0,
        "modify_post_amount": 0,
        "promotion_talent_amount": 0,
        "promotion_pay_amount": 0,
        "promotion_redpack_amount": 0,
        "promotion_redpack_platform_amount": 0,
        "promotion_redpack_talent_amount": 0,
        "promotion_detail": {},
    }


def _promoted(merchant: int, platform: int) -> dict[str, int]:
    return {
        "promotion_amount": merchant + platform,
        "promotion_shop_amount": merchant,
        "promotion_platform_amount": platform,
        "shop_cost_amount": merchant,
        "platform_cost_amount": platform,
    }


def _order(row: dict[str, Any], lines: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    common = _common(row, now)
    is_sent = bool(_seconds(row["shipped_at"], now))
    order = {
        **common,
        **_promoted(row["merchant_discount"], row["platform_subsidy"]),
        "shop_id": 7784061,
        "shop_name": "抖音小店",
        "open_id": "",
        "order_id": row["order_no"],
        "order_level": 2,
        "doudian_open_id": f"1@#{row['buyer']}",
        "buyer_words": "",
        "seller_words": "",
        "product_id": 0,
        "order_amount": row["goods"] + row["freight"],
        "pay_amount": row["buyer_paid"],
        "post_amount": row["freight"],
        "logistics_info": [],
        "sku_order_list": [_sku_order(row, line, common, now) for line in lines],
    }
    if is_sent:
        order["logistics_info"] = [
            {
                "tracking_no": row["waybill_no"],
                "company": "yuantong",
                "company_name": row["carrier"],
                "ship_time": common["ship_time"],
                "delivery_id": f"74{row['n']:017d}",
                "product_info": [],
            }
        ]
    return order


def _sku_order(row: dict[str, Any], line: dict[str, Any], common: dict[str, Any], now: datetime) -> dict[str, Any]:
    freight = row["freight"] if line["line_no"] == 1 else 0
    applied, refunded = _seconds(row["applied_at"], now), _seconds(row["refunded_at"], now)
    is_asked = bool(applied) and line["line_no"] == 1
    return {
        **common,
        **_promoted(line["merchant_share"], line["platform_share"]),
        "order_id": _sub_no(row["order_no"], line["line_no"]),
        "parent_order_id": row["order_no"],
        "order_level": 3,
        "product_id": _PRODUCTS + line["sku_no"],
        "sku_id": _SKUS + line["sku_no"],
        "code": f"SKU{line['sku_no']:04d}",
        "out_sku_id": "",
        "product_name": f"商品{line['sku_no']:03d}",
        "third_cid": 20_000 + line["sku_no"] % 10,
        "item_num": line["quantity"],
        "origin_amount": line["unit_price"],
        "sum_amount": line["line_amount"],
        "order_amount": line["line_amount"] + freight,
        "pay_amount": line["line_amount"] - line["merchant_share"] - line["platform_share"] + freight,
        "post_amount": freight,
        "after_sale_info": {
            "after_sale_status": (12 if refunded else 6) if is_asked else 0,
            "after_sale_type": (2 if row["refund_kind"] == "cancel" else 1) if is_asked else 0,
            "refund_status": (3 if refunded else 1) if is_asked else 0,
        },
    }


def changed_tickets(market: Market, start: datetime, end: datetime, now: datetime) -> list[dict[str, Any]]:
    """Tickets whose newest change lies in the window, oldest change first."""
    market.ensure(now.date())
    changed = "case when refunded_at <= ? then refunded_at else applied_at end"
    return market.records(
        f"select * from market.orders where shop = ? and day between ? and ? and applied_at <= ?"
        f" and date_trunc('second', {changed}) between ? and ? order by {changed}, refund_no",
        [SHOP, (start - _LOOKBACK).date(), end.date(), now, now, start, end, now],
    )


def ticket(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    """One after-sales ticket."""
    is_done = bool(_seconds(row["refunded_at"], now))
    is_cancel = row["refund_kind"] == "cancel"
    return {
        "aftersale_info": {
            "aftersale_id": row["refund_no"],
            "aftersale_order_type": 1,
            "aftersale_type": 2 if is_cancel else 1,
            "aftersale_status": 12 if is_done else 6,
            "related_id": row["order_no"],
            "apply_time": _seconds(row["applied_at"], now),
            "create_time": _seconds(row["applied_at"], now),
            "update_time": _seconds(row["refunded_at"], now) or _seconds(row["applied_at"], now),
            "refund_amount": row["refund_amount"],
            "refund_post_amount": 0,
            "return_promotion_amount": row["clawback"],
            "aftersale_num": 1,
            "part_type": 0,
            "aftersale_refund_type": 0,
            "refund_status": 3 if is_done else 1,
            "arbitrate_status": 0,
            "got_pkg": 0 if is_cancel else 1,
        },
        "order_info": {
            "shop_order_id": row["order_no"],
            "related_order_info": [
                {
                    "sku_order_id": _sub_no(row["order_no"], 1),
                    "pay_amount": row["buyer_paid"],
                    "aftersale_pay_amount": row["refund_amount"],
                }
            ],
        },
        "text_part": {
            "aftersale_status_text": "售后成功" if is_done else "待商家同意",
            "reason_text": "不想要了" if is_cancel else "商品瑕疵",
        },
    }


def settlements(market: Market, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The settlement rows of a span."""
    market.ensure(end.date())
    return [_settlement(row) for row in market.records(_SETTLEMENTS, [SHOP, start, end + timedelta(seconds=1)])]


def _settlement(row: dict[str, Any]) -> dict[str, Any]:
    is_later = row["settlement_no"].startswith("DYTK")
    due = 0 if is_later else row["goods"] - row["merchant_discount"] + row["freight"]
    return {
        "settle_time": row["settled_at"].strftime(_TIME),
        "request_no": row["settlement_no"],
        "shop_order_id": row["order_no"],
        "order_id": row["order_no"],
        "settle_amount": row["total"],
        "pay_type_desc": "聚合账户",
        "trade_type": 1 if is_later else 0,
        "is_contains_refund_before_settle": 0 if is_later or not row["taken_back"] else 1,
        "order_time": row["ordered_at"].strftime(_TIME),
        "product_id": str(_PRODUCTS + row["n"]),
        "goods_count": row["quantity"],
        "flow_type_desc": "小店自卖",
        "order_type": "普通订单",
        "total_amount": 0 if is_later else row["goods"] + row["freight"],
        "total_goods_amount": 0 if is_later else row["goods"],
        "post_amount": 0 if is_later else row["freight"],
        "shop_coupon": 0 if is_later else row["merchant_discount"],
        "refund_before_settle": 0 if is_later else -row["taken_back"],
        "platform_coupon": row["clawed"] if is_later else row["subsidised"],
        "author_coupon": 0,
        "zt_pay_promotion": 0,
        "zr_pay_promotion": 0,
        "real_pay_amount": row["total"] - row["clawed"] if is_later else due - row["subsidised"],
        "total_income": row["total"] - row["charged"] - row["promoted"],
        "platform_service_fee": row["charged"],
        "commission": row["promoted"],
        "good_learn_channel_fee": 0,
        "colonel_service_fee": 0,
        "channel_promotion_fee": 0,
        "other_sharing_amount": 0,
        "total_outcome": row["charged"] + row["promoted"],
        "packing_amount": 0,
        "remark": "",
    }


def items(market: Market, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The movements of the shop's account in a span."""
    market.ensure(end.date())
    rows = market.records(
        "select flows.*, lines.order_no as settled_order from market.flows as flows"
        " left join (select settlement_no, any_value(order_no) as order_no from market.settlement_lines"
        " where shop = ? group by settlement_no) as lines on flows.settlement_no = lines.settlement_no"
        " where account = ? and occurred_at >= ? and occurred_at < ?",
        [SHOP, WALLET, start, end + timedelta(seconds=1)],
    )
    return [_item(row) for row in rows]


def _item(row: dict[str, Any]) -> dict[str, Any]:
    tag, word, scene = {
        "settlement": (3, "订单结算", "货款结算入账")
        if row["amount"] > 0
        else (19, "已退款", "退款-结算后退款-退用户"),
        "payout": (11, "提现", "提现"),
    }.get(row["kind"], (0, "其他", row["memo"]))
    return {
        "bill_time": row["occurred_at"].strftime(_TIME),
        "fund_flow": 0 if row["amount"] > 0 else 1,
        "fund_flow_desc": "入账" if row["amount"] > 0 else "出账",
        "account_amount": abs(row["amount"]),
        "account_bill_desc": word,
        "account_bill_desc_tag": tag,
        "trans_scene": scene,
        "biz_type": 4,
        "biz_type_desc": "小店自卖",
        "order_id": row["settled_order"] or "",
        "shop_order_id": row["settled_order"] or "",
        "account_type": 4,
        "account_type_desc": "聚合账户",
        "account_trade_no": row["settlement_no"] or row["payout_no"] or row["flow_no"],
        "order_type": 0,
        "order_type_desc": "普通订单",
        "remark": row["memo"],
        "shop_id": "7784061",
    }
