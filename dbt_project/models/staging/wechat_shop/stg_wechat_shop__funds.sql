-- One row per movement of the shop's balance, from the API in fen or from a ledger file in yuan.
with

cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'flow_no', 'booked_at', 'kind', 'direction', 'amount', 'balance', 'order_no', 'aftersale_no', 'withdraw_no',
            'insurance_no', 'remark', 'funds_type', 'amount_minor', 'balance_minor',
        ] %}
        {{ bare(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('wechat_shop', 'wechat_shop__funds') }}

),

worded as (

    select
        *,
        -- the API gives a number where the ledger gives the word
        coalesce(kind, case funds_type
            when '1' then '订单支付收入'
            when '2' then '订单手续费'
            when '3' then '退款'
            when '4' then '提现'
            when '5' then '提现失败退票'
            when '6' then '导购分账'
            when '7' then '联盟分账'
            when '8' then '运费险分账'
            when '9' then '联盟平台抽佣'
            when '10' then '联盟抽佣'
            when '11' then '平台抽佣'
            when '12' then '团长抽佣'
            when '13' then '返佣人气卡'
            when '14' then '极速退款垫资金'
            when '15' then '极速退款垫资回补'
            when '16' then '运费险'
            when '99' then '分账'
            else 'funds_type ' || funds_type
        end) as business_type
    from cleaned

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        flow_no,
        replace(booked_at, '/', '-') as occurred_at,
        case
            when direction in ('收入', '1') then 'in'
            when direction in ('支出', '2') then 'out'
            else direction
        end as direction,
        coalesce({{ minor_text('amount_minor') }}, trim(leading '-' from amount)) as amount,
        coalesce({{ minor_text('balance_minor') }}, balance) as balance,
        business_type,
        case when business_type not like '提现%' then order_no end as order_no,
        coalesce(aftersale_no, insurance_no) as business_ref,
        withdraw_no as payout_no,
        remark
    from worded

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
