"""The WeChat Pay bills as files: UTF-8, LF, a backtick before every value, two lines of totals at the foot.

Two planted faults live here. A trade bill that lost a row still counts it in its foot. A restated bill shows one
payment 1.00 too high, foot included, until the end of the second day after it.
"""

from datetime import date, datetime, timedelta

from connectors.sandbox.keys import MERCHANT_ID
from connectors.sandbox.world import World
from connectors.sandbox.world.engine import HORIZON_DAYS
from connectors.sandbox.world.plan import is_row_missing

RESTATED_FEN = 100
_CHUNK = 20_000
_HEADING = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,"
    "商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
_FOOT = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
_FUND_HEADING = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,"
    "业务凭证号"
)
_FUND_FOOT = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
_REFUND_ONLY = ("微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型", "退款状态", "申请退款金额")

_TRADES = """
select
    succeeded_at as traded_at, transaction_no as tie, true as is_payment, transaction_no, merchant_pay_no, buyer,
    packet,
    amount + case when fault = 'restated_bill' and {is_early} then {restated} else 0 end as settled, coupon,
    '0' as refund_no, '0' as merchant_refund_no, 0 as refunded, fee, rate
from payments
where channel = 'wechat' and day between {first} and {day} and succeeded_at::date = {day}
union all
select
    refunded_at, refund_payments.transaction_no, false, payment_no, refund_payments.merchant_pay_no, payments.buyer,
    packet, 0, 0, refund_payments.transaction_no, merchant_refund_no, refund_payments.amount, -refund_payments.fee, rate
from refund_payments
inner join payments on payments.day = refund_payments.day and payments.transaction_no = payment_no
where refund_payments.channel = 'wechat' and refund_payments.day between {first} and {day}
    and payments.day between {first} and {day} and refunded_at::date = {day}
"""


def has_rows(world: World, kind: str, variant: str, day: date) -> bool:
    """Whether the day has anything to show in this bill."""
    world.ensure_flows(day)
    if kind == "fund":
        counted = world.rows("select count(*) from flows where account = 'wechat_main' and day = ?", [day])
        return variant == "BASIC" and bool(counted[0][0])
    return bool(world.rows(f"select 1 from ({_trades(day, day_end(day))}) where {_of(variant)} limit 1"))


def loses_row(world: World, day: date) -> bool:
    """Whether the day's trade bill lacks a payment that its foot counts; it keeps at least one row."""
    if not is_row_missing(world.config, day):
        return False
    paid = f"select 1 from ({_trades(day, day_end(day))}) where is_payment limit 2"
    return len(world.rows(paid)) > 1


def bill(world: World, kind: str, variant: str, day: date, now: datetime) -> bytes:
    """The bill's bytes as they are at a moment."""
    world.ensure_flows(day)
    is_early = kind == "trade" and _is_early(day, now)

    def made() -> bytes:
        return (_fund(world, day) if kind == "fund" else _trade(world, variant, day, now)).encode()

    return world.bills.get(("wechatpay", kind, variant, day, is_early), made)


def day_end(day: date) -> datetime:
    """Midnight at the end of a day."""
    return datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 - local time


def _is_early(day: date, now: datetime) -> bool:
    return now < day_end(day) + timedelta(days=2)


def _of(variant: str) -> str:
    return {"ALL": "true", "SUCCESS": "is_payment", "REFUND": "not is_payment"}[variant]


def _trades(day: date, now: datetime) -> str:
    return _TRADES.format(
        first=f"date '{day - timedelta(days=HORIZON_DAYS)}'",
        day=f"date '{day}'",
        is_early="true" if _is_early(day, now) else "false",
        restated=RESTATED_FEN,
    )


def _cells(variant: str) -> tuple[list[str], str]:
    def marked(value: str) -> str:
        return f"'`' || {value}"

    cells = {
        "交易时间": "strftime(traded_at, '%Y-%m-%d %H:%M:%S')",
        "公众账号ID": "'wx8888888888888888'",
        "商户号": f"'{MERCHANT_ID}'",
        "特约商户号": "'0'",
        "设备号": "''",
        "微信订单号": "transaction_no",
        "商户订单号": "merchant_pay_no",
        "用户标识": "'ofyak5qR_' || buyer",
        "交易类型": "'JSAPI'",
        "交易状态": "case when is_payment then 'SUCCESS' else 'REFUND' end",
        "付款银行": "'OTHERS'",
        "货币种类": "'CNY'",
        "应结订单金额": "yuan(settled)",
        "代金券金额": "yuan(coupon)",
        "微信退款单号": "refund_no",
        "商户退款单号": "merchant_refund_no",
        "退款金额": "yuan(refunded)",
        "充值券退款金额": "'0.00'",
        "退款类型": "case when is_payment then '' else 'ORIGINAL' end",
        "退款状态": "case when is_payment then '' else 'SUCCESS' end",
        "商品名称": "'自营商城订单'",
        "商户数据包": "packet",
        "手续费": "yuan(fee) || '000'",
        "费率": "rate",
        "订单金额": "yuan(settled + coupon)",
        "申请退款金额": "yuan(refunded)",
        "费率备注": "''",
        "退款申请时间": "strftime(traded_at, '%Y-%m-%d %H:%M:%S')",
        "退款成功时间": "strftime(traded_at, '%Y-%m-%d %H:%M:%S')",
    }
    heading = _HEADING.split(",")
    if variant == "SUCCESS":
        heading = [name for name in heading if name not in _REFUND_ONLY]
    if variant == "REFUND":
        place = heading.index("代金券金额") + 1
        heading[place:place] = ["退款申请时间", "退款成功时间"]
    return heading, " || ',' || ".join(marked(cells[name]) for name in heading)


def _trade(world: World, variant: str, day: date, now: datetime) -> str:
    heading, line = _cells(variant)
    rows = f"select * from ({_trades(day, now)}) where {_of(variant)}"
    # rows come in the order of their numbers, which is not the order of time, as in the real bill
    lost = "place > 1" if variant != "REFUND" and loses_row(world, day) else "true"
    chunks = world.rows(
        f"select string_agg({line}, chr(10) order by place) from"
        f" (select *, row_number() over (order by not is_payment, md5(tie), tie) as place from ({rows})) where {lost}"
        f" group by place // {_CHUNK} order by place // {_CHUNK}"
    )
    totals = world.rows(
        "select count(*)::varchar, yuan(coalesce(sum(settled), 0)), yuan(coalesce(sum(refunded), 0)), '0.00',"
        " yuan(coalesce(sum(fee), 0)) || '000', yuan(coalesce(sum(settled + coupon), 0)),"
        f" yuan(coalesce(sum(refunded), 0)) from ({rows})"
    )[0]
    foot = ",".join(f"`{total}" for total in totals)
    return "\n".join([",".join(heading), *(chunk for (chunk,) in chunks), _FOOT, foot, ""])


def _fund(world: World, day: date) -> str:
    chunks = world.rows(
        f"""
        select string_agg(
            '`' || strftime(occurred_at, '%Y-%m-%d %H:%M:%S') || ',`' || business_no || ',`' || flow_no || ',`' || name
            || ',`' || name || ',`' || case when amount > 0 then '收入' else '支出' end || ',`' || yuan(abs(amount))
            || ',`' || yuan(balance) || ',`system,`,`'
            || case kind when 'payout' then business_no when 'refund' then 'REF' || reference
                when 'fee_return' then 'REF' || reference else business_no end,
            chr(10) order by row_no)
        from (
            select *, case kind when 'payment' then '交易' when 'payment_fee' then '扣除交易手续费'
                when 'refund' then '退款' when 'fee_return' then '退还交易手续费' else '提现' end as name
            from flows where account = 'wechat_main' and day = date '{day}'
        )
        group by row_no // {_CHUNK} order by row_no // {_CHUNK}
        """
    )
    totals = world.rows(
        "select in_count + out_count, in_count, yuan(in_sum), out_count, yuan(out_sum) from balances"
        " where account = 'wechat_main' and day = ?",
        [day],
    )[0]
    foot = ",".join(f"`{total}" for total in totals)
    return "\n".join([_FUND_HEADING, *(chunk for (chunk,) in chunks), _FUND_FOOT, foot, ""])
