-- One row per refund that the return rows of a settlement report tell of; Amazon lists none by themselves.
with

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        refund_no,
        order_no,
        'refund_only' as type,
        'return rows of a settlement' as source_type,
        'succeeded' as status,
        'settled' as source_status,
        amount,
        succeeded_at as applied_at,
        succeeded_at
    from {{ source('amazon', 'amazon__refunds') }}

),

{{ typed_records(
    'refunds',
    ['currency', 'refund_no', 'order_no', 'type', 'status', 'amount', 'applied_at', 'succeeded_at'],
    translated=['type', 'status'],
) }}

select * from records
