-- One row per row of an Alipay trade bill: a payment, or a refund under trade number and request number.
with

cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'trade_no', 'merchant_order_no', 'business_type', 'completed_at', 'counterparty', 'received_amount',
            'refund_request_no', 'fee', 'remark',
        ] %}
        {{ bare(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('alipay', 'alipay__trades') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        case
            when business_type = '退款' then trade_no || coalesce('-' || refund_request_no, '') else trade_no
        end as transaction_no,
        case business_type when '交易' then 'payment' when '退款' then 'refund' end as type,
        business_type as source_type,
        'succeeded' as status,
        case when business_type = '退款' then trim(leading '-' from received_amount) else received_amount end as amount,
        {{ flipped_sign('fee') }} as fee,
        merchant_order_no as merchant_pay_no,
        case when business_type = '退款' then refund_request_no end as merchant_refund_no,
        case when business_type = '退款' then trade_no end as original_transaction_no,
        {{ first_group('remark', '^order_no=(.+)$') }} as order_no,
        counterparty as payer_account,
        replace(completed_at, '/', '-') as occurred_at,
        replace(completed_at, '/', '-') as succeeded_at
    from cleaned

),

{{ typed_records(
    'payments',
    [
        'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_pay_no', 'merchant_refund_no',
        'original_transaction_no', 'order_no', 'payer_account', 'occurred_at', 'succeeded_at',
    ],
    zone='Asia/Shanghai',
    translated=['type'],
) }}

select * from records
