"""Trades and refunds of the Tmall store as the platform shows them at a moment."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sandbox.world import World
from connectors.sandbox.world.config import TMALL

_TIME = "%Y-%m-%d %H:%M:%S"
_LOOKBACK = timedelta(days=17)
_SHARED_CAMPAIGN = 7
_STATUS = {
    "created": "WAIT_BUYER_PAY",
    "paid": "WAIT_SELLER_SEND_GOODS",
    "shipped": "WAIT_BUYER_CONFIRM_GOODS",
    "completed": "TRADE_FINISHED",
    "closed": "TRADE_CLOSED",
    "cancelled": "TRADE_CLOSED_BY_TAOBAO",
}
_TID_DIGITS = 17
_EPOCH = datetime(1970, 1, 1, 8)  # noqa: DTZ001 - the epoch on a Beijing clock

Key = tuple[Any, ...]

_ORDERS = """
select state.*
from orders_at({now}, {first}, {last}) as state
inner join (values {pairs}) as wanted (day, n, place) using (day, n)
where state.store = 'tmall_flagship' and n between {low} and {high}
order by place
"""
_LINES = """
select day, n, line_no as line, sku_no as sku, quantity as num, unit_price, line_amount, merchant_share,
    line_amount - merchant_share - platform_share as divided
from order_lines
inner join (values {pairs}) as wanted (day, n, place) using (day, n)
where day between {first} and {last} and n between {low} and {high}
order by day, n, line_no
"""


def modified_keys(world: World, start: datetime, end: datetime, now: datetime) -> list[Key]:
    """Trades whose newest change lies in the window, oldest change first."""
    sql = (
        "select day, n from orders_at(?, ?, ?) where store = ? and modified_at between ? and ?"
        " order by modified_at, tid"
    )
    asked = [now, (start - _LOOKBACK).date(), end.date(), TMALL, start, end]
    return world.keys.get(("modified", *asked), lambda: world.rows(sql, asked))


def created_keys(world: World, start: datetime, end: datetime, now: datetime) -> list[Key]:
    """Trades created in the window, newest first."""
    sql = (
        "select day, n from orders_at(?, ?, ?) where store = ? and ordered_at between ? and ?"
        " order by ordered_at desc, tid desc"
    )
    asked = [now, start.date(), end.date(), TMALL, start, end]
    return world.keys.get(("created", *asked), lambda: world.rows(sql, asked))


def key_of(tid: str) -> list[Key]:
    """Day and number that a trade number stands for; none when it is no number of ours."""
    if len(tid) != _TID_DIGITS or not tid.isdecimal():
        return []
    try:
        day = date(2000 + int(tid[1:3]), int(tid[3:5]), int(tid[5:7]))
    except ValueError:
        return []
    return [(day, int(tid[7:15]))]


def trades(world: World, keys: Sequence[Key], now: datetime) -> list[dict[str, Any]]:
    """The trades in the order of their keys, every documented field we know filled."""
    known = {key: world.trades.find((now, *key)) for key in keys}
    unknown = [key for key, trade in known.items() if trade is None]
    if unknown:
        known |= {key: world.trades.put((now, *key), trade) for key, trade in _read_trades(world, unknown, now).items()}
    return [trade for key in keys if (trade := known[key]) is not None]


def _read_trades(world: World, keys: Sequence[Key], now: datetime) -> dict[Key, dict[str, Any]]:
    days, numbers = [key[0] for key in keys], [key[1] for key in keys]
    values = {
        "now": f"timestamp '{now}'",
        "first": f"date '{min(days)}'",
        "last": f"date '{max(days)}'",
        "low": min(numbers),
        "high": max(numbers),
        "pairs": ", ".join(f"(date '{day}', {n}, {place})" for place, (day, n) in enumerate(keys)),
    }
    lines: dict[Key, list[dict[str, Any]]] = {}
    for line in world.records(_LINES.format_map(values)):
        lines.setdefault((line["day"], line["n"]), []).append(line)
    rows = world.records(_ORDERS.format_map(values))
    return {(row["day"], row["n"]): _trade(row, lines[row["day"], row["n"]], now) for row in rows}


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _text(moment: datetime | None, now: datetime) -> str | None:
    return moment.strftime(_TIME) if moment is not None and moment <= now else None


def _trade(row: dict[str, Any], lines: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    status = _STATUS[row["status"]]
    finished = row["confirmed_at"] is not None and row["confirmed_at"] <= now
    ended = row["confirmed_at"] or row["closed_at"] or row["cancelled_at"]
    early = row["first_refund"] + row["clawback"] if row["refund_kind"] == "early" else 0
    discount = row["merchant_discount"] + row["platform_subsidy"]
    trade: dict[str, Any] = {
        "tid": row["tid"],
        "type": "guarantee_trade",
        "status": status,
        "title": "天猫旗舰店",
        "seller_nick": "天猫旗舰店",
        "buyer_open_uid": f"AAE{row['buyer']}",
        "buyer_nick": f"{row['buyer'][0]}**",
        "oaid": f"oaid-{row['buyer']}",
        "created": _text(row["ordered_at"], now),
        "pay_time": _text(row["paid_at"], now),
        "consign_time": _text(row["shipped_at"], now),
        "end_time": _text(ended, now),
        "modified": row["modified_at"].strftime(_TIME),
        "total_fee": _yuan(row["goods"]),
        "discount_fee": _yuan(discount),
        "adjust_fee": "0.00",
        "post_fee": _yuan(row["freight"]),
        "has_post_fee": row["freight"] > 0,
        "payment": _yuan(row["buyer_paid"]),
        "received_payment": _yuan(row["consideration"] - early if finished else 0),
        "platform_subsidy_fee": _yuan(row["platform_subsidy"]),
        "num": lines[0]["num"] if len(lines) == 1 else 0,
        "shipping_type": "express",
        "buyer_area": "浙江",
        "alipay_no": f"{row['day']:%Y%m%d}2300{row['n']:016d}" if row["paid_at"] is not None else None,
        "orders": {"order": [_sub_order(row, line, lines, status, now) for line in lines]},
    }
    promotions = _promotions(row)
    if promotions:
        trade["promotion_details"] = {"promotion_detail": promotions}
    return {name: value for name, value in trade.items() if value is not None}


def _promotions(row: dict[str, Any]) -> list[dict[str, Any]]:
    merchant, platform = row["merchant_discount"], row["platform_subsidy"]
    is_shared = merchant > 0 and platform > 0 and row["n"] % _SHARED_CAMPAIGN == 0
    parts = [
        ("mjs" if is_shared else "shopbonus", "跨店满减" if is_shared else "店铺优惠券", merchant),
        ("tmallbonus", "跨店满减" if is_shared else "购物红包", platform),
    ]
    return [
        {
            "id": row["tid"],
            "promotion_id": f"{kind}-{row['day']:%y%m%d}_{row['n']}",
            "promotion_name": name,
            "promotion_desc": f"{name}:省{_yuan(amount)}元",
            "discount_fee": _yuan(amount),
        }
        for kind, name, amount in parts
        if amount > 0
    ]


def _sub_order(
    row: dict[str, Any], line: dict[str, Any], lines: list[dict[str, Any]], status: str, now: datetime
) -> dict[str, Any]:
    single = len(lines) == 1
    oid = row["tid"] if single else row["tid"] + line["line"]
    asked = line["line"] == 1 and row["first_applied_at"] is not None and row["first_applied_at"] <= now
    refund_status = "NO_REFUND"
    if asked:
        refund_status = "SUCCESS" if row["first_refunded_at"] <= now else "WAIT_SELLER_AGREE"
    order = {
        "oid": oid,
        "oid_str": str(oid),
        "title": f"商品{line['sku']:03d}",
        "num_iid": 600_000_000_000 + line["sku"],
        "outer_iid": f"SKU{line['sku']:04d}",
        "outer_sku_id": f"SKU{line['sku']:04d}",
        "cid": 50_000_000 + line["sku"] % 10,
        "price": _yuan(line["unit_price"]),
        "num": line["num"],
        "total_fee": _yuan(line["line_amount"]),
        "discount_fee": "0.00",
        "adjust_fee": "0.00",
        "part_mjz_discount": _yuan(line["merchant_share"]),
        "divide_order_fee": _yuan(line["divided"]),
        "payment": _yuan(row["buyer_paid"]) if single else _yuan(line["line_amount"]),
        "status": status,
        "refund_status": refund_status,
        "refund_id": f"9{row['tid']}" if asked else None,
        "consign_time": _text(row["shipped_at"], now),
        "end_time": _text(row["confirmed_at"], now),
        "logistics_company": "圆通速递" if _text(row["shipped_at"], now) else None,
        "invoice_no": f"YT{row['tid']}" if _text(row["shipped_at"], now) else None,
    }
    return {name: value for name, value in order.items() if value is not None}


_REFUND_MODIFIED = "case when tickets.succeeded_at <= $now then tickets.succeeded_at else applied_at end"


def refund_keys(world: World, start: datetime, end: datetime, now: datetime) -> list[Key]:
    """Refunds whose newest change lies in the window, oldest change first."""
    modified = _REFUND_MODIFIED.replace("$now", f"timestamp '{now}'")
    sql = (
        "select day, n from tickets where store = ? and day between ? and ? and applied_at <= ?"
        f" and {modified} between ? and ? order by {modified}, n"
    )
    asked = [TMALL, (start - _LOOKBACK).date(), end.date(), now, start, end]
    return world.keys.get(("refunds", *asked), lambda: world.rows(sql, asked))


def refunds(world: World, keys: Sequence[Key], now: datetime) -> list[dict[str, Any]]:
    """The refunds in the order of their keys."""
    if not keys:
        return []
    pairs = ", ".join(f"(date '{day}', {n}, {place})" for place, (day, n) in enumerate(keys))
    rows = world.records(
        f"""
        select tickets.*, orders.lines, orders.buyer_paid, orders.tid, orders.shipped_at, orders.confirmed_at,
            orders.closed_at, line_amount - merchant_share - platform_share as share
        from tickets
        inner join (values {pairs}) as wanted (day, n, place) using (day, n)
        inner join orders using (day, n)
        inner join order_lines on order_lines.day = tickets.day and order_lines.n = tickets.n and line_no = 1
        order by place
        """
    )
    return [_refund(row, now) for row in rows]


def _refund(row: dict[str, Any], now: datetime) -> dict[str, Any]:
    done = row["succeeded_at"] <= now
    modified = row["succeeded_at"] if done else row["applied_at"]
    finished = row["confirmed_at"] is not None and row["confirmed_at"] <= now
    shipped = row["shipped_at"] is not None and row["shipped_at"] <= now
    status = "TRADE_FINISHED" if finished else "WAIT_BUYER_CONFIRM_GOODS" if shipped else "WAIT_SELLER_SEND_GOODS"
    if row["closed_at"] is not None and row["closed_at"] <= now:
        status = "TRADE_CLOSED"
    share = row["buyer_paid"] if row["lines"] == 1 else row["share"]
    return {
        "refund_id": row["refund_no"],
        "tid": row["tid"],
        "oid": row["tid"] if row["lines"] == 1 else row["tid"] + 1,
        "created": row["applied_at"].strftime(_TIME),
        "modified": modified.strftime(_TIME),
        "status": "SUCCESS" if done else "WAIT_SELLER_AGREE",
        "refund_phase": "aftersale" if row["is_late"] else "onsale",
        "refund_fee": _yuan(row["amount"]),
        "payment": _yuan(share - row["amount"]),
        "total_fee": _yuan(row["buyer_paid"]),
        "order_status": status,
        "good_status": "BUYER_RECEIVED" if finished else "BUYER_NOT_RECEIVED",
        "has_good_return": False,
        "reason": "不喜欢/不想要" if row["type"] == "cancel" else "商品有瑕疵",
        "refund_version": int((modified - _EPOCH).total_seconds()) * 1000,
        "dispute_type": "REFUND_ONLY",
        "num": 1,
        "title": "天猫旗舰店",
        "seller_nick": "天猫旗舰店",
    }
