-- One row per payment or refund of the ledger; an absent fee is not known, and no zero.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'transaction_no', 'type', 'kind', 'amount', 'fee', 'order_no', 'refund_no', 'booked_at',
        ]) }} as fields
    from {{ source('youzan', 'youzan__payments') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.transaction_no, '') as transaction_no,
        fields.type as type,
        fields.kind as source_type,
        'succeeded' as status,
        fields.amount as amount,
        nullif(fields.fee, '') as fee,
        nullif(fields.refund_no, '') as merchant_refund_no,
        nullif(fields.order_no, '') as order_no,
        nullif(fields.booked_at, '') as occurred_at,
        nullif(fields.booked_at, '') as succeeded_at
    from parsed

),

{{ typed_records(
    'payments',
    [
        'transaction_no', 'type', 'status', 'amount', 'fee', 'merchant_refund_no', 'order_no', 'occurred_at',
        'succeeded_at',
    ],
    zone='Asia/Shanghai',
    translated=['type'],
) }}

select * from records
