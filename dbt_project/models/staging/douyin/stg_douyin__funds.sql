-- One row per movement of the shop's account, from the interface (fen) or the ledger export (yuan).
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'account_trade_no', 'bill_time', 'fund_flow', 'account_amount', 'trans_scene', 'account_bill_desc',
            'shop_order_id', 'remark', 'flow_no', 'moved_at', 'direction', 'moved_amount', 'scene', 'balance',
            'shop_order_no', 'note',
        ]) }} as fields
    from {{ source('douyin', 'douyin__funds') }}

),

named as (

    select
        *,
        coalesce(fields.account_trade_no, fields.flow_no) as number,
        coalesce(nullif(fields.trans_scene, ''), nullif(fields.account_bill_desc, ''), nullif(fields.scene, '')) as scene_text
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        number as flow_no,
        coalesce(fields.bill_time, replace(fields.moved_at, '/', '-')) as occurred_at,
        case
            when fields.fund_flow = '0' or fields.direction in ('入账', '收入') then 'in'
            when fields.fund_flow = '1' or fields.direction in ('出账', '支出') then 'out'
            else coalesce(fields.fund_flow, fields.direction)
        end as direction,
        -- the ledger export writes outgoings with a minus, the interface without
        trim(leading '-' from coalesce({{ fen_text('fields.account_amount') }}, fields.moved_amount)) as amount,
        nullif(fields.balance, '') as balance,
        scene_text as business_type,
        case
            when scene_text not in (
                '订单结算', '部分结算', '运费单结算', '货款结算入账', '已退款', '原路退', '结算重复扣款调账',
                '退款-结算后退款-退用户', '退款-订单退款触发-退补贴'
            )
                then coalesce(nullif(fields.shop_order_id, ''), nullif(fields.shop_order_no, ''))
        end as order_no,
        number as business_ref,
        case when scene_text in ('提现', '提现退票') then number end as payout_no,
        coalesce(nullif(fields.remark, ''), nullif(fields.note, '')) as remark
    from named

),

{{ typed_records(
    'fund_flows',
    [
        'flow_no', 'occurred_at', 'direction', 'amount', 'balance', 'business_type', 'order_no', 'business_ref',
        'payout_no', 'remark',
    ],
    zone='Asia/Shanghai',
) }}

select * from records
