"""The market's WeChat shop in the shapes of its API and of its ledger: orders, after-sales, movements."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.sandbox.apis.scene import Scene
from connectors.sandbox.market import Market
from connectors.sandbox.market.engine import HORIZON_DAYS

_SHOP, _WALLET = "wechat_shop", "wechat_shop_wallet"
_STATES = {"created": 10, "paid": 20, "shipped": 30, "completed": 100, "closed": 200, "cancelled": 250}
_CARRIERS = {"圆通速递": "YTO", "顺丰速运": "SF"}
_KINDS = {
    "credit": (1, "订单支付收入", "订单支付"),
    "subsidy": (1, "订单支付收入", "平台补贴"),
    "tech_fee": (2, "订单手续费", "技术服务费"),
    "platform_refund": (3, "退款", "订单退款"),
    "clawback": (3, "退款", "平台补贴扣回"),
    "payout": (4, "提现", "提现到银行卡"),
}
_STRANGE = (98, "活动返还")
_FIELDS = "流水单号,记账时间,动帐类型,收支类型,收支金额,账户余额,关联订单号,关联售后单号,关联提现单号,关联保单号,详情"
_TIME = "%Y-%m-%d %H:%M:%S"


def _seconds(scene: Scene, moment: datetime | None) -> int:
    """Seconds since 1970; 0 for what has not happened yet."""
    if moment is None or moment > scene.now:
        return 0
    return int(moment.replace(tzinfo=scene.world.config.timezone).timestamp())


def order_numbers(scene: Scene, start: datetime, end: datetime) -> list[str]:
    """Orders whose newest change lies in the window, oldest first."""
    scene.market.ensure(scene.now.date())
    first = start.date() - timedelta(days=HORIZON_DAYS)
    rows = scene.market.rows(
        "select order_no from market.orders_at(?, ?, ?) where shop = ? and modified_at between ? and ?"
        " order by modified_at, order_no",
        [scene.now, first, end.date(), _SHOP, start, min(end, scene.now)],
    )
    return [str(number) for (number,) in rows]


def order(scene: Scene, number: str) -> dict[str, Any] | None:
    """One order by its number, whose third to eighth digit are its day."""
    try:
        day = datetime.strptime(number[2:8], "%y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    scene.market.ensure(scene.now.date())
    found = scene.market.records(
        "select * from market.orders_at(?, ?, ?) where shop = ? and order_no = ?", [scene.now, day, day, _SHOP, number]
    )
    if not found:
        return None
    lines = scene.market.records(
        "select * from market.lines where shop = ? and day = ? and n = ? order by line_no", [_SHOP, day, found[0]["n"]]
    )
    return _order(scene, found[0], lines)


def _order(scene: Scene, row: Mapping[str, Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    shipped = _seconds(scene, row["shipped_at"])
    receives = row["goods"] + row["freight"] - row["merchant_discount"]
    return {
        "order_id": row["order_no"],
        "openid": row["buyer"],
        "create_time": _seconds(scene, row["ordered_at"]),
        "update_time": _seconds(scene, row["modified_at"]),
        "status": _STATES[row["status"]],
        "order_detail": {
            "product_infos": [_item(row, line) for line in lines],
            "price_info": {
                "product_price": row["goods"],
                "order_price": row["buyer_paid"],
                "freight": row["freight"],
                "original_order_price": row["goods"] + row["freight"],
                "discounted_price": row["merchant_discount"],
                "is_discounted": row["merchant_discount"] > 0,
                "merchant_discounted_price": row["merchant_discount"],
                "cash_coupon_discounted_price": row["platform_subsidy"],
                "finder_discounted_price": 0,
                "deduction_price": 0,
                "change_down_price": 0,
                "merchant_receieve_price": receives,
            },
            "pay_info": {
                "pay_time": _seconds(scene, row["paid_at"]),
                "transaction_id": f"4200003{row['day']:%Y%m%d}{row['n']:013d}",
                "payment_method": 1,
            },
            "delivery_info": {
                "delivery_product_info": [
                    {
                        "waybill_id": row["waybill_no"],
                        "delivery_id": _CARRIERS[row["carrier"]],
                        "delivery_name": row["carrier"],
                        "delivery_time": shipped,
                        "deliver_type": 1,
                    }
                ]
                if shipped
                else [],
                "ship_done_time": shipped,
                "deliver_method": 0,
            },
            "ext_info": {
                "customer_notes": "",
                "merchant_notes": "",
                "confirm_receipt_time": _seconds(scene, row["confirmed_at"]),
            },
        },
        "aftersale_detail": {
            "aftersale_order_list": [{"aftersale_order_id": row["refund_no"]}]
            if _seconds(scene, row["applied_at"])
            else [],
            "on_aftersale_order_cnt": 0,
        },
    }


def _item(row: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "product_id": str(10_000_000_000 + line["sku_no"]),
        "sku_id": str(20_000_000_000 + line["sku_no"]),
        "product_unique_id": f"{row['order_no']}{line['line_no']}",
        "sku_code": f"SKU{line['sku_no']:04d}",
        "title": f"商品{line['sku_no']}",
        "sku_cnt": line["quantity"],
        "sale_price": line["unit_price"],
        "market_price": line["unit_price"],
        "real_price": line["line_amount"] - line["merchant_share"] - line["platform_share"],
        "merchant_discounted_price": line["merchant_share"],
        "finder_discounted_price": 0,
        "on_aftersale_sku_cnt": 0,
        "finish_aftersale_sku_cnt": 0,
    }


def ticket_numbers(scene: Scene, start: datetime, end: datetime) -> list[str]:
    """Tickets whose newest change lies in the window, oldest first."""
    scene.market.ensure(scene.now.date())
    rows = scene.market.rows(
        "select refund_no from ("
        "select refund_no, case when refunded_at <= ? then refunded_at else applied_at end as changed_at"
        " from market.orders where shop = ? and applied_at <= ?"
        ") where changed_at between ? and ? order by changed_at, refund_no",
        [scene.now, _SHOP, scene.now, start, min(end, scene.now)],
    )
    return [str(number) for (number,) in rows]


def ticket(scene: Scene, number: str) -> dict[str, Any] | None:
    """One ticket by its number."""
    scene.market.ensure(scene.now.date())
    found = scene.market.records(
        "select * from market.orders where shop = ? and refund_no = ? and applied_at <= ?", [_SHOP, number, scene.now]
    )
    if not found:
        return None
    row = found[0]
    done = _seconds(scene, row["refunded_at"])
    return {
        "after_sale_order_id": row["refund_no"],
        "status": "MERCHANT_REFUND_SUCCESS" if done else "MERCHANT_PROCESSING",
        "openid": row["buyer"],
        "order_id": row["order_no"],
        "product_info": {"product_id": "", "sku_id": "", "count": 1},
        "refund_info": {"amount": row["refund_amount"], "refund_reason": 1},
        "return_info": {"waybill_id": "", "delivery_id": "", "delivery_name": ""},
        "create_time": _seconds(scene, row["applied_at"]),
        "update_time": done or _seconds(scene, row["applied_at"]),
        "reason": "NO_LONGER_WANT",
        "reason_text": "拍错/多拍/不想要",
        "type": "REFUND",
    }


def flow_numbers(scene: Scene, start: datetime, end: datetime) -> list[str]:
    """Movements booked in the window, oldest first; a planted one is hidden."""
    scene.market.ensure(scene.now.date())
    rows = scene.market.rows(
        "select flow_no from market.flows where account = ? and occurred_at between ? and ? and kind <> 'hidden'"
        " order by day, row_no",
        [_WALLET, start, min(end, scene.now)],
    )
    return [str(number) for (number,) in rows]


def flow(scene: Scene, number: str) -> dict[str, Any] | None:
    """One movement by its number."""
    scene.market.ensure(scene.now.date())
    found = scene.market.records(
        "select * from market.flows where account = ? and flow_no = ? and occurred_at <= ?",
        [_WALLET, number, scene.now],
    )
    return _flow(found[0]) if found else None


def _flow(row: Mapping[str, Any]) -> dict[str, Any]:
    number, _, remark = _kind(row)
    related = (
        ({"related_type": 1, "order_id": row["order_no"]}, row["order_no"]),
        ({"related_type": 2, "aftersale_id": row["merchant_refund_no"]}, row["merchant_refund_no"]),
        ({"related_type": 3, "withdraw_id": row["payout_no"]}, row["payout_no"]),
    )
    return {
        "flow_id": row["flow_no"],
        "funds_type": number,
        "flow_type": 1 if row["amount"] > 0 else 2,
        "amount": abs(row["amount"]),
        "balance": row["balance"],
        "related_info_list": [info for info, is_there in related if is_there],
        "bookkeeping_time": row["occurred_at"].strftime(_TIME),
        "remark": remark,
    }


def _kind(row: Mapping[str, Any]) -> tuple[int, str, str]:
    return _KINDS.get(row["kind"], (*_STRANGE, row["memo"]))


def ledger(market: Market, day: date) -> bytes:
    """The ledger file of a day, in yuan."""
    market.ensure(day)
    flows = market.records(
        "select * from market.flows where account = ? and day = ? and kind <> 'hidden' order by row_no", [_WALLET, day]
    )
    lines = [_FIELDS, *(_ledger_row(row) for row in flows)]
    return b"\xef\xbb\xbf" + "".join(f"{line}\r\n" for line in lines).encode()


def _ledger_row(row: Mapping[str, Any]) -> str:
    _, words, remark = _kind(row)
    return ",".join(
        (
            f"{row['flow_no']}\t",
            row["occurred_at"].strftime(_TIME),
            words,
            "收入" if row["amount"] > 0 else "支出",
            f"{Decimal(abs(row['amount'])) / 100:.2f}",
            f"{Decimal(row['balance']) / 100:.2f}",
            f"{row['order_no'] or ''}\t",
            f"{row['merchant_refund_no'] or ''}\t",
            f"{row['payout_no'] or ''}\t",
            "",
            remark,
        )
    )
