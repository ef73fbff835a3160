-- One row per row of a WeChat Pay fund bill: one movement of a merchant account.
with

cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'booked_at', 'business_no', 'flow_no', 'business_type', 'direction', 'amount', 'balance', 'remark', 'voucher_no',
        ] %}
        {{ bare(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('wechatpay', 'wechatpay__funds') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        flow_no,
        replace(replace(booked_at, '：', ':'), '/', '-') as occurred_at,
        case direction when '收入' then 'in' when '支出' then 'out' else direction end as direction,
        amount,
        balance,
        business_type,
        business_no as business_ref,
        case when business_type = '提现' then voucher_no end as payout_no,
        remark
    from cleaned

),

{{ typed_records(
    'fund_flows',
    [
        'flow_no', 'occurred_at', 'direction', 'amount', 'balance', 'business_type', 'business_ref', 'payout_no', 'remark',
    ],
    zone='Asia/Shanghai',
) }}

select * from records
