"""What the market's Youzan shop leaves: the ledger of its balance, and its orders as spreadsheets.

In a receipt 业务单号 is the order (the merchant's payment number where there is none), 支付流水号 the payment. A fee
repeats both and names the order in 关联单号. In a refund 业务单号 is the refund's own number, 支付流水号 that of the
payment, 关联单号 the order. What has no payment behind it leaves 支付流水号 empty.
"""

from datetime import date
from pathlib import Path
from typing import Any

from connectors.sandbox.drops import market_files
from connectors.sandbox.drops.placing import placed
from connectors.sandbox.market import Market

_ACCOUNT = "youzan_main"
_HEADING = (
    "类型,名称,业务单号,支付流水号,关联单号,交易来源地,账务主体,账户,收入(元),支出(元),余额(元),支付方式,交易对手,渠道,"
    "下单时间,入账时间,操作人,附加信息,备注,来源"
)
_KINDS = {
    "payment": "订单入账",
    "payment_fee": "交易手续费",
    "refund": "退款",
    "fee_return": "手续费退回",
    "payout": "提现",
}
_ORDER_STREAMS = ("orders", "order_lines", "refunds", "shipments", "returns")


def ledger(market: Market, folder: Path, day: date) -> list[Path]:
    """The movements of a day, newest first as the page shows them."""
    market.ensure(day)
    flows = market.records(
        "select flows.*, original_no from market.flows as flows left join market.payments as payments"
        " using (account, transaction_no) where account = ? and flows.day = ? order by row_no desc",
        [_ACCOUNT, day],
    )
    lines = [_HEADING, *(",".join(_row(flow)) for flow in flows)]
    body = "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")
    return [placed(folder / f"有赞账务明细_{day:%Y%m%d}.csv", body)]


def orders(market: Market, folder: Path, day: date) -> list[Path]:
    """The shop's own orders, as its order system exports them."""
    return market_files.written(market, folder, day, _ORDER_STREAMS, ("youzan_shop",))


def _row(flow: dict[str, Any]) -> list[str]:
    kind, amount = flow["kind"], flow["amount"]
    is_refund = kind in {"refund", "fee_return"}
    business = (flow["merchant_refund_no"] if is_refund else None) or flow["order_no"] or flow["pay_no"]
    paid = flow["original_no"] or flow["transaction_no"]
    serial = paid if kind in _KINDS and kind != "payout" else None
    related = flow["order_no"] if is_refund or kind == "payment_fee" else None
    at = f"{flow['occurred_at']:%Y-%m-%d %H:%M:%S}"
    moved = (_point(amount), "") if amount > 0 else ("", _point(-amount))
    return [
        _KINDS.get(kind, flow["memo"]), "", business or flow["payout_no"] or flow["flow_no"], serial or "",
        related or "", "中国大陆", "示例店铺", "店铺余额", *moved, _point(flow["balance"]),
        "微信支付" if serial else "", "", "网店", at, at, "系统", "", flow["memo"], "有赞微商城",
    ]  # fmt: skip


def _point(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
