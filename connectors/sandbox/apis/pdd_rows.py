"""The market's Pinduoduo shop in the shapes of the open platform: orders, refund tickets, money files."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.apis.scene import Scene
from connectors.sandbox.market.engine import HORIZON_DAYS

_SHOP, _WALLET = "pdd_shop", "pdd_wallet"
_TIME = "%Y-%m-%d %H:%M:%S"
_SENDERS = {"圆通速递": 85, "顺丰速运": 44}
_STATES = {"paid": 1, "closed": 1, "shipped": 2, "completed": 3}
_KINDS = {
    "credit": ("交易收入", "0010002|交易收入-订单收入"),
    "subsidy": ("优惠券结算", "0010005|交易收入-优惠券结算"),
    "tech_fee": ("技术服务费", "0030002|技术服务费-基础技术服务费"),
    "platform_refund": ("交易退款", "0020002|交易退款-订单退款"),
    "clawback": ("优惠券结算", "0020005|交易退款-优惠券结算"),
    "payout": ("提现", "0080001|提现-提现申请"),
    "penalty": ("其他", "0060001|售后费用-延迟发货"),
    "small_payment": ("其他", "0060002|售后费用-小额打款"),
    "deposit": ("转账", "0070001|转账-广告账户"),
}
_STRANGE = ("其他", "0990001|其他收入-{memo}")
_FIELDS = "商户订单号,发生时间,收入金额（+元）,支出金额（-元）,账务类型,备注,业务描述"


def _yuan(minor: int) -> float:
    """A JSON number of yuan: the shortest form of so small a double is the amount itself."""
    return float(Decimal(minor) / 100)


def _text(minor: int) -> str:
    return f"{Decimal(minor) / 100:.2f}"


def _clock(moment: datetime | None) -> str:
    """Unset times are empty."""
    return moment.strftime(_TIME) if moment else ""


def _seen(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment <= now else None


def orders(scene: Scene, start: datetime, end: datetime, by: str) -> list[dict[str, Any]]:
    """Paid orders whose change (``modified_at``) or payment (``paid_at``) lies in the window, oldest first."""
    scene.market.ensure(scene.now.date())
    found = scene.market.records(
        f"select * from market.orders_at(?, ?, ?) where shop = ? and paid_at <= ? and {by} between ? and ?"
        f" order by {by}, order_no",
        [
            scene.now,
            start.date() - timedelta(days=HORIZON_DAYS),
            end.date(),
            _SHOP,
            scene.now,
            start,
            min(end, scene.now),
        ],
    )
    return _rendered(scene, found)


def order(scene: Scene, number: str) -> dict[str, Any] | None:
    """One paid order by its number, which starts with its day."""
    try:
        day = datetime.strptime(number[:6], "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    scene.market.ensure(scene.now.date())
    found = scene.market.records(
        "select * from market.orders_at(?, ?, ?) where shop = ? and paid_at <= ? and order_no = ?",
        [scene.now, day, day, _SHOP, scene.now, number],
    )
    return next(iter(_rendered(scene, found)), None)


def _rendered(scene: Scene, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    items: dict[tuple[date, int], list[dict[str, Any]]] = {}
    days = sorted({row["day"] for row in found})
    if days:
        for line in scene.market.records(
            "select * from market.lines where shop = ? and day between ? and ? order by day, n, line_no",
            [_SHOP, days[0], days[-1]],
        ):
            items.setdefault((line["day"], line["n"]), []).append(line)
    return [_order(row, items[row["day"], row["n"]], scene.now) for row in found]


def _order(row: Mapping[str, Any], lines: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    shipped = _seen(row["shipped_at"], now)
    refund = 4 if _seen(row["refunded_at"], now) else 2 if _seen(row["applied_at"], now) else 1
    return {
        "order_sn": row["order_no"],
        "confirm_time": _clock(row["paid_at"]),
        "receiver_name": "***",
        "created_time": _clock(row["ordered_at"]),
        "country": "中国",
        "province": "上海市",
        "city": "上海市",
        "town": "长宁区",
        "address": "***",
        "receiver_phone": "***********",
        "pay_amount": _yuan(row["buyer_paid"]),
        "goods_amount": _yuan(row["goods"]),
        "discount_amount": _yuan(row["merchant_discount"] + row["platform_subsidy"]),
        "postage": _yuan(row["freight"]),
        "pay_no": f"4200002{row['day']:%Y%m%d}{row['n']:013d}",
        "pay_type": "WEIXIN",
        "id_card_num": "",
        "id_card_name": "",
        "logistics_id": _SENDERS[row["carrier"]] if shipped else 0,
        "tracking_number": row["waybill_no"] if shipped else "",
        "shipping_time": _clock(shipped),
        "order_status": _STATES[row["status"]],
        "is_lucky_flag": 1,
        "refund_status": refund,
        "updated_at": _clock(row["modified_at"]),
        "last_ship_time": _clock(row["paid_at"] + timedelta(hours=48)),
        "remark": "",
        "receive_time": _clock(_seen(row["confirmed_at"], now)),
        "country_id": 0,
        "province_id": 25,
        "city_id": 321,
        "town_id": 2703,
        "item_list": [_item(line) for line in lines],
        "platform_discount": _yuan(row["platform_subsidy"]),
        "seller_discount": _yuan(row["merchant_discount"]),
        "capital_free_discount": 0,
        "cat_id_1": 6209,
        "cat_id_2": 6227,
        "cat_id_3": 6228,
        "cat_id_4": 0,
        "stock_out_handle_status": -1,
        "is_stock_out": 0,
        "inner_transaction_id": f"XP{row['day']:%Y%m%d}{row['n']:020d}",
        "buyer_memo": "",
        "invoice_status": 0,
        "free_sf": 0,
        "home_delivery_type": 0,
        "after_sales_status": {4: 10, 2: 2, 1: 0}[refund],
        "card_info_list": [],
        "is_pre_sale": 0,
        "pre_sale_time": "",
    }


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "goods_id": str(2_525_000_000 + line["sku_no"]),
        # two lines of one order may be of the same sku: the place in the order keeps them apart
        "sku_id": f"{51_900_000_000 + line['sku_no']}{line['line_no']}",
        "outer_id": f"SKU{line['sku_no']:04d}",
        "outer_goods_id": "",
        "goods_name": f"商品{line['sku_no']}",
        "goods_price": _yuan(line["unit_price"]),
        "goods_spec": "",
        "goods_count": line["quantity"],
        "goods_img": "",
    }


def refunds(scene: Scene, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Tickets whose newest change lies in the window, oldest first."""
    scene.market.ensure(scene.now.date())
    found = scene.market.records(
        "select * from ("
        "select *, case when refunded_at <= ? then refunded_at else applied_at end as changed_at"
        " from market.orders where shop = ? and applied_at <= ?"
        ") where changed_at between ? and ? order by changed_at, order_no",
        [scene.now, _SHOP, scene.now, start, min(end, scene.now)],
    )
    return [_refund(row, scene.now) for row in found]


def _refund(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    done = _seen(row["refunded_at"], now)
    return {
        "id": int(f"{row['day']:%y%m%d}{row['n']:07d}"),
        "order_sn": row["order_no"],
        "confirm_time": _clock(row["paid_at"]),
        "after_sale_reason": "不想要了",
        "after_sales_status": 10 if done else 2,
        "after_sales_type": 2,
        "order_amount": _text(row["buyer_paid"]),
        "refund_amount": _text(row["refund_amount"]),
        "sku_id": "",
        "outer_id": "",
        "outer_goods_id": "",
        "discount_amount": _text(row["merchant_discount"] + row["platform_subsidy"]),
        "goods_price": _text(row["goods"]),
        "goods_number": str(row["quantity"]),
        "goods_id": 2_525_000_000,
        "goods_name": "商品",
        "good_image": "",
        "tracking_number": "",
        "created_time": _clock(row["applied_at"]),
        "updated_time": _clock(done or row["applied_at"]),
    }


def bill(scene: Scene, day: date) -> bytes:
    """The money file of a day."""
    scene.market.ensure(day)
    flows = scene.market.records(
        "select * from market.flows where account = ? and day = ? order by row_no", [_WALLET, day]
    )
    lines = [
        "拼多多店铺账务明细查询",
        "",
        f"起始时间：{day} 00:00:00  终止时间：{day} 23:59:59",
        "----------交易记录明细列表---------",
        _FIELDS,
        *(_flow(row) for row in flows),
    ]
    for title, amounts in (
        ("支出", [row["amount"] for row in flows if row["amount"] < 0]),
        ("收入", [row["amount"] for row in flows if row["amount"] > 0]),
    ):
        lines.append(f"#{title}合计：{len(amounts)}笔，共{_text(sum(amounts))}元")
    lines += [f"#总计：{len(flows)}笔，共{_text(sum(row['amount'] for row in flows))}元", f"#导出时间：{day}"]
    return "".join(f"{line}\r\n" for line in lines).encode("gb18030")


def _flow(row: Mapping[str, Any]) -> str:
    kind, words = _KINDS.get(row["kind"], _STRANGE)
    amount = row["amount"]
    remark = f"提现单号{row['payout_no']}" if row["payout_no"] else row["memo"] or "-"
    return ",".join(
        (
            row["order_no"] or "",
            _clock(row["occurred_at"]),
            _text(amount) if amount > 0 else "0",
            _text(amount) if amount < 0 else "0",
            kind,
            remark,
            words.format(memo=row["memo"]),
        )
    )
