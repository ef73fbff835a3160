-- One row per row of an Alipay fund bill: one movement of the balance. 支出 is already negative there.
with

cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'flow_no', 'business_no', 'merchant_order_no', 'occurred_at', 'in_amount', 'out_amount', 'balance',
            'business_type', 'remark', 'order_no',
        ] %}
        {{ bare(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('alipay', 'alipay__funds') }}

),

sided as (

    select
        *,
        {{ is_zero_text('in_amount') }} as has_no_income,
        {{ is_zero_text('out_amount') }} as has_no_outgo,
        {{ first_group('merchant_order_no', '^T[0-9]+P([0-9]+)$') }} as taobao_no
    from cleaned

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        flow_no,
        replace(occurred_at, '/', '-') as occurred_at,
        case when has_no_income and not has_no_outgo then 'out' else 'in' end as direction,
        case
            when has_no_outgo then coalesce(in_amount, out_amount)
            when has_no_income then trim(leading '-' from out_amount)
            else 'both 收入 ' || in_amount || ' and 支出 ' || out_amount
        end as amount,
        balance,
        business_type,
        -- a memo names the order in brackets where the number column is empty; a fee of the own shop names its payment there
        coalesce(
            taobao_no,
            case
                when merchant_order_no is null
                    then {{ first_group('remark', '[\\[{(]([0-9]{6,})[\\]})]') }}
            end
        ) as order_no,
        case when taobao_no is null then merchant_order_no end as merchant_pay_no,
        business_no as business_ref,
        case when business_type = '提现' then coalesce(order_no, business_no) end as payout_no,
        remark
    from sided

),

{{ typed_records(
    'fund_flows',
    [
        'flow_no', 'occurred_at', 'direction', 'amount', 'balance', 'business_type', 'order_no', 'merchant_pay_no',
        'business_ref', 'payout_no', 'remark',
    ],
    zone='Asia/Shanghai',
) }}

select * from records
