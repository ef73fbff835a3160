-- One row per refund received; one that was only recorded moved no money, its order is told by its links.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['id', 'amount', 'reason', 'date_created_gmt', 'refunded_payment']) }} as fields,
        regexp_extract({{ json_text('record', '$._links.up[0].href') }}, '/orders/([0-9]+)/?$', 1) as order_no,
        (
            select min({{ json_text('note', '$.value') }})
            from {{ each_item(json_list('record', '$.meta_data')) }} as notes (note)
            where {{ json_text('note', '$.key') }} in ('_refund_transaction_id', '_stripe_refund_id', '_paypal_refund_id')
        ) as gateway_refund_no
    from {{ source('woocommerce', 'woocommerce__refunds') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.id as refund_no,
        nullif(order_no, '') as order_no,
        'refund_only' as type,
        'refund' as source_type,
        case fields.refunded_payment when 'true' then 'succeeded' when 'false' then 'closed' end as status,
        'refunded_payment=' || coalesce(fields.refunded_payment, 'missing') as source_status,
        fields.amount,
        gateway_refund_no as merchant_refund_no,
        nullif(fields.reason, '') as reason,
        nullif(fields.date_created_gmt, '') || 'Z' as applied_at,
        case when fields.refunded_payment = 'true' then nullif(fields.date_created_gmt, '') || 'Z' end as succeeded_at
    from parsed

),

{{ typed_records(
    'refunds',
    [
        'refund_no', 'order_no', 'type', 'status', 'amount', 'merchant_refund_no', 'reason', 'applied_at', 'succeeded_at',
    ],
    translated=['type', 'status'],
) }}

select * from records
