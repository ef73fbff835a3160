-- One row per row of the ledger: the column that is filled gives the direction.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'flow_no', 'booked_at', 'received', 'spent', 'balance', 'kind', 'business_no', 'related_no', 'ref', 'remark',
            'title',
        ]) }} as fields
    from {{ source('youzan', 'youzan__flows') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.flow_no, '') as flow_no,
        nullif(fields.booked_at, '') as occurred_at,
        case when {{ is_zero_text('fields.spent') }} then 'in' else 'out' end as direction,
        case when {{ is_zero_text('fields.spent') }} then fields.received else fields.spent end as amount,
        fields.balance as balance,
        nullif(fields.kind, '') as business_type,
        case
            when fields.kind in ('订单入账', '订单收款', '交易收款', '收款') then nullif(fields.business_no, '')
            when
                fields.kind in (
                    '退款', '订单退款', '交易退款', '交易手续费', '订单手续费', '支付手续费', '手续费', '手续费退回',
                    '交易手续费退回'
                )
                then nullif(fields.related_no, '')
        end as order_no,
        nullif(fields.ref, '') as business_ref,
        case when fields.kind in ('提现', '提现退回', '提现失败') then nullif(fields.business_no, '') end as payout_no,
        coalesce(nullif(fields.remark, ''), nullif(fields.title, '')) as remark
    from parsed

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
