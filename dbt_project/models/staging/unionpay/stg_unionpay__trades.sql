-- One row per line of UnionPay's file: a purchase, a return under its own number, or a code that nobody explains yet.
with

sided as (

    select
        *,
        case
            when file_kind = 'ZM' and trade_code = 'S22' then 'payment'
            when file_kind = 'ZM' and trade_code = 'S30' then 'refund'
        end as kind
    from {{ source('unionpay', 'unionpay__trades') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        coalesce(
            nullif(query_no, ''), concat_ws('-', file_kind, settled_on, trace_no, {{ without_pattern('sent_at', '[^0-9]') }})
        ) as transaction_no,
        kind as type,
        concat_ws(' ', nullif(file_kind, 'ZM'), trade_code) as source_type,
        'succeeded' as status,
        {{ fen_text('amount_minor') }} as amount,
        {{ fen_text("case left(fee, 1) when 'C' then '-' || substr(fee, 2) when 'D' then substr(fee, 2) end") }} as fee,
        nullif(case when kind = 'refund' then original_order_no else order_no end, '') as merchant_pay_no,
        case when kind = 'refund' then nullif(order_no, '') end as merchant_refund_no,
        sent_at as occurred_at,
        sent_at as succeeded_at
    from sided

),

{{ typed_records(
    'payments',
    [
        'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_pay_no', 'merchant_refund_no', 'occurred_at',
        'succeeded_at',
    ],
    zone='Asia/Shanghai',
    translated=['type'],
) }}

select * from records
