"""The spreadsheet streams as queries: one per import template, for the records that changed on a day."""

from connectors.sandbox.world.config import BATCH_FEN

_PLATFORM = "case store when 'own_shop' then 'own_site' else 'pdd' end as platform, store, 'CNY' as currency"
_IN_FILES = "store in ('own_shop', 'outlet')"

_ORDERS = f"""
select
    {_PLATFORM}, order_no, status, buyer as buyer_id, local_text(ordered_at) as ordered_at,
    local_text(seen(paid_at, {{end}})) as paid_at, local_text(seen(shipped_at, {{end}})) as shipped_at,
    local_text(seen(delivered_at, {{end}})) as signed_at, local_text(seen(confirmed_at, {{end}})) as confirmed_at,
    yuan(goods) as goods_amount, yuan(merchant_discount) as merchant_discount,
    yuan(platform_subsidy) as platform_subsidy, yuan(channel_subsidy) as channel_subsidy,
    yuan(creator_subsidy) as creator_subsidy, yuan(freight) as freight,
    yuan(buyer_paid) as buyer_paid, merchant_pay_no, 'online' as payment_method, 'domestic' as ship_mode,
    quantity as ordered_qty, local_text(modified_at) as updated_at
from orders_at({{end}}, {{first}}, {{day}})
where {_IN_FILES} and modified_at::date = {{day}}
order by order_no
"""

_ORDER_LINES = f"""
select
    {_PLATFORM}, order_no, line_no, order_no || '-' || line_no as sub_order_no,
    'SKU' || lpad(sku_no::varchar, 4, '0') as sku, '商品' || lpad(sku_no::varchar, 3, '0') as title,
    '类目' || (sku_no % 10) as category, order_lines.quantity, yuan(unit_price) as unit_price,
    yuan(line_amount) as line_amount, yuan(merchant_share) as merchant_discount,
    yuan(unit_price * 55 // 100) as unit_cost, '0.13' as tax_rate
from order_lines
inner join (select day, n, order_no from orders_at({{end}}, {{day}}, {{day}})) using (day, n)
where {_IN_FILES} and day = {{day}}
order by order_no, line_no
"""

_DISCOUNTS = f"""
select
    {_PLATFORM}, order_no, null as line_no,
    case part.bearer
        when 'merchant' then case when coupon > 0 then '支付商家券' else '店铺优惠券' end
        when 'platform' then '平台补贴券' when 'channel' then '支付立减' else '达人专属券'
    end as name,
    part.bearer as bearer, yuan(part.fen) as amount
from (
    select *, unnest([
        {{{{'bearer': 'merchant', 'fen': merchant_discount}}}}, {{{{'bearer': 'platform', 'fen': platform_subsidy}}}},
        {{{{'bearer': 'channel', 'fen': channel_subsidy}}}}, {{{{'bearer': 'creator', 'fen': creator_subsidy}}}}
    ]) as part
    from orders_at({{end}}, {{day}}, {{day}})
    where {_IN_FILES}
)
where part.fen > 0
order by order_no, bearer
"""

_REFUNDS = f"""
select
    {_PLATFORM}, refund_no, order_no, null as line_no, type,
    case when succeeded_at <= {{end}} then 'succeeded' else 'processing' end as status, yuan(amount) as amount,
    yuan(subsidy_returned) as platform_subsidy_returned, merchant_refund_no,
    case type when 'cancel' then '不想要了' else '商品瑕疵' end as reason, local_text(applied_at) as applied_at,
    local_text(seen(succeeded_at, {{end}})) as succeeded_at,
    case when succeeded_at <= {{end}} then '客服' || (n % 5) end as approved_by
from tickets
where {_IN_FILES} and day between {{first}} and {{day}}
    and (applied_at::date = {{day}} or succeeded_at::date = {{day}})
order by refund_no
"""

_SHIPMENTS = f"""
select
    case store when 'own_shop' then 'own_site' else 'pdd' end as platform, store,
    'YT' || replace(replace(order_no, '-', ''), 'OS', '7') as waybill_no, order_no, '圆通速递' as carrier, quantity,
    'CK' || replace(order_no, '-', '') as outbound_no, quantity as outbound_quantity,
    local_text(shipped_at) as tracked_at, local_text(shipped_at + interval 1 hour) as picked_up_at,
    local_text(seen(delivered_at, {{end}})) as delivered_at,
    local_text(coalesce(seen(delivered_at, {{end}}), shipped_at + interval 1 hour)) as last_scan_at,
    yuan(320 + quantity * 60) as freight_cost
from orders_at({{end}}, {{first}}, {{day}})
where {_IN_FILES} and (shipped_at::date = {{day}} or delivered_at::date = {{day}})
order by order_no
"""

_WALLET = "'pdd' as platform, 'outlet' as store, 'outlet_wallet' as account, 'CNY' as currency"

_SETTLEMENTS = f"""
select
    {_WALLET}, settlement_no, any_value(batch_day) as period_start, any_value(batch_day) as period_end,
    yuan(sum(amount)::bigint + coalesce((
        select {BATCH_FEN} from flows where flows.day = {{day}} and flows.fault = 'batch_difference'
    ), 0)) as total_amount, count(*) as row_count, local_text({{day}} + interval 6 hour) as settled_at,
    (select flow_no from flows where flows.day = {{day}} and account = 'outlet_wallet' and kind = 'settlement')
        as wallet_flow_no,
    null as payout_no
from settlement_lines
where batch_day = {{day}} - 1
group by settlement_no
"""

_SETTLEMENT_LINES = f"""
select
    {_WALLET}, settlement_no, line_no, order_no, component, yuan(amount) as amount, batch_day as bill_date,
    local_text({{day}} + interval 6 hour) as settled_at
from settlement_lines
where batch_day = {{day}} - 1
order by line_no
"""

_FUND_FLOWS = """
select
    'pdd' as platform, account, 'CNY' as currency, flow_no, local_text(occurred_at) as occurred_at,
    case when amount > 0 then 'in' else 'out' end as direction, yuan(abs(amount)) as amount, yuan(balance) as balance,
    case kind when 'settlement' then '结算' else '提现' end as business_type, kind as category, null as order_no,
    business_no as business_ref, case kind when 'payout' then business_no end as payout_no, memo as remark
from flows
where account = 'outlet_wallet' and day = {day}
order by row_no
"""

_PAYOUTS = """
select
    'pdd' as platform, account, 'CNY' as currency, payout_no, yuan(amount) as amount, '0.00' as fee,
    local_text(initiated_at) as initiated_at, null as expected_on, 'icbc_1234' as bank_account,
    case when arrives_on <= {day} and fault is distinct from 'payout_overdue' then 'paid' else 'in_transit' end
        as status
from payouts
where account = 'outlet_wallet' and (day = {day} or (arrives_on = {day} and fault is distinct from 'payout_overdue'))
order by payout_no
"""

_STATEMENTS = """
select
    'fund_flows' as stream, account, 'CNY' as currency, day, in_count + out_count as row_count, yuan(in_sum) as in_sum,
    yuan(out_sum) as out_sum, yuan(opening) as opening_balance, yuan(closing) as closing_balance
from balances
where account = 'outlet_wallet' and day = {day}
"""

STREAMS = {
    "orders": _ORDERS,
    "order_lines": _ORDER_LINES,
    "discounts": _DISCOUNTS,
    "refunds": _REFUNDS,
    "shipments": _SHIPMENTS,
    "settlements": _SETTLEMENTS,
    "settlement_lines": _SETTLEMENT_LINES,
    "fund_flows": _FUND_FLOWS,
    "payouts": _PAYOUTS,
    "statements": _STATEMENTS,
}
