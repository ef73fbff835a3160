"""The Alipay bills as files: GB18030, ids ending in a tab, control totals at the foot, zipped with raw GBK names."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

from connectors.sandbox.keys import ALIPAY_PID
from connectors.sandbox.world import World
from connectors.sandbox.world.engine import HORIZON_DAYS

_ACCOUNT = f"{ALIPAY_PID}0156"
_CHUNK = 20_000
_TRADE_HEADING = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
_TRADE_SUMMARY = (
    "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,"
    "卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
)
_FUND_HEADING = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,"
    "业务类型,备注,业务描述,业务账单来源,业务基础订单号,业务订单号"
)
_FUND_SUMMARY = "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）"

_TRADES = """
select
    succeeded_at as at_time, transaction_no, 1 as rank,
    concat_ws(',',
        transaction_no || chr(9), merchant_pay_no || chr(9), '交易' || chr(9), '自营商城订单',
        strftime(succeeded_at - interval 20 second, '%Y-%m-%d %H:%M:%S'), strftime(succeeded_at, '%Y-%m-%d %H:%M:%S'),
        chr(9), chr(9), chr(9), chr(9), buyer || '***(**' || right(buyer, 1) || ')',
        yuan(amount + coupon), yuan(amount), '0.00', '0.00', '0.00', yuan(coupon), '0.00', '', '0.00' || chr(9), '0.00',
        chr(9), yuan(-fee), '0.00', packet) as line
from payments
where channel = 'alipay' and day between {first} and {day} and succeeded_at::date = {day}
union all
select
    refunded_at, transaction_no, 2,
    concat_ws(',',
        payment_no || chr(9), merchant_pay_no || chr(9), '退款' || chr(9), '自营商城订单',
        strftime(paid_at - interval 20 second, '%Y-%m-%d %H:%M:%S'), strftime(refunded_at, '%Y-%m-%d %H:%M:%S'),
        chr(9), chr(9), chr(9), chr(9), buyer || '***(**' || right(buyer, 1) || ')',
        yuan(-amount), yuan(-amount), '0.00', '0.00', '0.00', '0.00', '0.00', '', '0.00' || chr(9), '0.00',
        merchant_refund_no || chr(9), '0.00', '0.00', '')
from refund_payments
where channel = 'alipay' and day between {first} and {day} and refunded_at::date = {day}
"""
_TRADE_TOTALS = """
select
    (select count(*) from payments where {payments}),
    (select coalesce(sum(amount), 0) from payments where {payments}),
    (select coalesce(sum(coupon), 0) from payments where {payments}),
    (select coalesce(sum(fee), 0) from payments where {payments}),
    (select count(*) from refund_payments where {refunds}),
    (select coalesce(sum(amount), 0) from refund_payments where {refunds})
"""
_FLOWS = """
select string_agg(
    concat_ws(',',
        flow_no || chr(9), business_no || chr(9), merchant_no || chr(9),
        case kind when 'payment' then '自营商城订单' when 'credit' then '天猫旗舰店订单' else '' end || chr(9),
        strftime(occurred_at, '%Y-%m-%d %H:%M:%S'), counterparty || chr(9),
        case when amount > 0 then yuan(amount) else '0.00' end, case when amount < 0 then yuan(amount) else '0.00' end,
        yuan(balance), case kind when 'payout' then '' else '支付宝' end,
        case kind
            when 'payment' then '在线支付' when 'payment_fee' then '收费' when 'refund' then '交易退款'
            when 'credit' then '交易付款' when 'tech_fee' then '收费' when 'commission' then '收费'
            when 'platform_refund' then '交易退款' when 'clawback' then '转账' when 'payout' then '提现'
            else '营销活动返还'
        end,
        memo,
        case kind
            when 'payment' then '0010001|交易收款-交易收款' when 'payment_fee' then '0030001|服务费-支付手续费'
            when 'refund' then '0020001|交易退款-交易退款' when 'credit' then '0010001|交易收款-交易收款'
            when 'tech_fee' then '0030002|服务费-基础软件服务费' when 'commission' then '0030003|服务费-天猫佣金'
            when 'platform_refund' then '0020001|交易退款-交易退款' when 'clawback' then '0040001|转账-平台补贴扣回'
            when 'payout' then '0050001|提现-余额提现' else '0090009|其他-营销活动返还'
        end,
        '商家中心', base_no || chr(9), reference || chr(9)),
    chr(13) || chr(10) order by row_no)
from flows
where account = 'alipay_main' and day = {day}
group by row_no // {chunk}
order by row_no // {chunk}
"""


def archive(world: World, kind: str, day: date) -> bytes:
    """The zip of a day's bill: the detail file and its summary."""
    world.ensure_flows(day)
    label = "业务明细" if kind == "trade" else "账务明细"
    detail, summary = _trade(world, day) if kind == "trade" else _fund(world, day)
    return _zip(
        {
            f"{_ACCOUNT}_{day:%Y%m%d}_{label}.csv": "".join(detail).encode("gb18030"),
            f"{_ACCOUNT}_{day:%Y%m%d}_{label}(汇总).csv": summary.encode("gb18030"),
        }
    )


def _zip(members: dict[str, bytes]) -> bytes:
    """Zip with the names as raw GBK bytes and without the UTF-8 flag, as the service does.

    The library knows no such names: each member gets a placeholder of the same length, replaced in the finished bytes.
    """
    buffer = io.BytesIO()
    names: list[tuple[bytes, bytes]] = []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for number, (name, body) in enumerate(members.items()):
            raw = name.encode("gbk")
            placeholder = f"@{number}@".ljust(len(raw), "~")
            names.append((placeholder.encode(), raw))
            file.writestr(zipfile.ZipInfo(placeholder, (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED, 1)
    content = buffer.getvalue()
    for placeholder_bytes, raw in names:
        content = content.replace(placeholder_bytes, raw)
    return content


def _preamble(title: str, listed: str, day: date, heading: str) -> str:
    end = day + timedelta(days=1)
    return (
        f"#支付宝{title}查询\r\n#账号：[{_ACCOUNT}]\r\n"
        f"#起始日期：[{day:%Y年%m月%d日} 00:00:00]   终止日期：[{end:%Y年%m月%d日} 00:00:00]\r\n"
        f"#-----------------------------------------{listed}----------------------------------------\r\n{heading}\r\n"
    )


def _exported(day: date) -> str:
    return f"#导出时间：[{day + timedelta(days=1):%Y年%m月%d日} 09:12:30]\r\n"


def _lines(chunks: list[tuple[str]]) -> Iterator[str]:
    for (chunk,) in chunks:
        yield chunk
        yield "\r\n"


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _trade(world: World, day: date) -> tuple[list[str], str]:
    first = day - timedelta(days=HORIZON_DAYS)
    bill = _TRADES.format(first=f"date '{first}'", day=f"date '{day}'")
    chunks = world.rows(
        "select string_agg(line, chr(13) || chr(10) order by place) from ("
        f"select line, row_number() over (order by at_time, transaction_no, rank) as place from ({bill}))"
        f" group by place // {_CHUNK} order by place // {_CHUNK}"
    )
    window = f"channel = 'alipay' and day between date '{first}' and date '{day}'"
    totals = _TRADE_TOTALS.format(
        payments=f"{window} and succeeded_at::date = date '{day}'",
        refunds=f"{window} and refunded_at::date = date '{day}'",
    )
    paid, received, coupons, fees, returned, refunded = world.rows(totals)[0]
    foot = (
        "#-----------------------------------------业务明细列表结束------------------------------------\r\n"
        f"#交易合计：{paid}笔，商家实收共{_yuan(received)}元，商家优惠共{_yuan(coupons)}元\r\n"
        f"#退款合计：{returned}笔，商家实收退款共{_yuan(-refunded)}元，商家优惠退款共0.00元\r\n{_exported(day)}"
    )
    row = (
        f"合计,,{paid},{returned},{_yuan(received + coupons - refunded)},{_yuan(received - refunded)},0.00,"
        f"{_yuan(coupons)},0.00,{_yuan(-fees)},0.00,{_yuan(received - refunded - fees)}"
    )
    summary = (
        _preamble("业务汇总", "业务汇总列表", day, _TRADE_SUMMARY)
        + f"{row}\r\n#-----------------------------------------业务汇总列表结束------------------------------------\r\n"
        + _exported(day)
    )
    return [_preamble("业务明细", "业务明细列表", day, _TRADE_HEADING), *_lines(chunks), foot], summary


def _fund(world: World, day: date) -> tuple[list[str], str]:
    chunks = world.rows(_FLOWS.format(day=f"date '{day}'", chunk=_CHUNK))
    received, spent, received_count, spent_count = world.rows(
        "select in_sum, out_sum, in_count, out_count from balances where account = 'alipay_main' and day = ?", [day]
    )[0]
    foot = (
        "#-----------------------------------------账务明细列表结束------------------------------------\r\n"
        f"#支出合计：{spent_count}笔，共{_yuan(spent)}元\r\n#收入合计：{received_count}笔，共{_yuan(received)}元\r\n"
        + _exported(day)
    )
    row = f"合计,{received_count},{_yuan(received)},{spent_count},{_yuan(-spent)},{_yuan(received - spent)}"
    summary = f"#支付宝账务汇总查询\r\n{_FUND_SUMMARY}\r\n{row}\r\n"
    return [_preamble("账务明细", "账务明细列表", day, _FUND_HEADING), *_lines(chunks), foot], summary
