-- One row per row of a WeChat Pay trade bill: a payment, or a refund under its own number.
with

cleaned as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'traded_at', 'mch_id', 'sub_mch_id', 'transaction_no', 'merchant_pay_no', 'payer_id', 'trade_state', 'currency',
            'settlement_amount', 'refund_succeeded_at', 'refund_no', 'merchant_refund_no', 'refund_amount', 'refund_state',
            'merchant_data', 'fee', 'fee_rate',
        ] %}
        {{ bare(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('wechatpay', 'wechatpay__trades') }}

),

sided as (

    select
        *,
        trade_state in ('REFUND', 'REVOKED') as is_refund,
        replace(replace(traded_at, '：', ':'), '/', '-') as happened_at
    from cleaned

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        coalesce(nullif(sub_mch_id, '0'), mch_id) as account,
        currency,
        case when is_refund then refund_no else transaction_no end as transaction_no,
        case when is_refund then 'refund' when trade_state = 'SUCCESS' then 'payment' end as type,
        trade_state as source_type,
        case
            when not is_refund and trade_state = 'SUCCESS' then 'succeeded'
            when refund_state = 'SUCCESS' then 'succeeded'
            when refund_state = 'PROCESSING' then 'processing'
            when refund_state in ('FAIL', 'CHANGE') then 'failed'
        end as status,
        case when is_refund then coalesce(refund_state, 'no 退款状态') else trade_state end as source_status,
        case when is_refund then refund_amount else settlement_amount end as amount,
        fee,
        fee_rate,
        merchant_pay_no,
        case when is_refund then nullif(merchant_refund_no, '0') end as merchant_refund_no,
        case when is_refund then transaction_no end as original_transaction_no,
        {{ first_group('merchant_data', '^order_no=(.+)$') }} as order_no,
        payer_id as payer_account,
        happened_at as occurred_at,
        case
            when not is_refund then happened_at
            when refund_state = 'SUCCESS'
                then coalesce(replace(replace(refund_succeeded_at, '：', ':'), '/', '-'), happened_at)
        end as succeeded_at
    from sided

),

{{ typed_records(
    'payments',
    [
        'account', 'currency', 'transaction_no', 'type', 'status', 'amount', 'fee', 'fee_rate', 'merchant_pay_no',
        'merchant_refund_no', 'original_transaction_no', 'order_no', 'payer_account', 'occurred_at', 'succeeded_at',
    ],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
