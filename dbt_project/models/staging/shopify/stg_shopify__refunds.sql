-- One row per refund of an order received: its money is what its successful transactions moved, not its lines.
with

refunds as (

    select
        file_id,
        row_number,
        landed_on,
        split_part({{ json_text('record', '$.id') }}, '/', -1) as order_no,
        {{ json_text('record', '$.currencyCode') }} as currency,
        {{ json_text('record', '$.cancelledAt') }} as cancelled_at,
        {{ each_item(json_list('record', '$.refunds')) }} as refund
    from {{ source('shopify', 'shopify__orders') }}

),

parsed as (

    select
        *,
        {{ json_field_list('refund', '$.transactions.nodes', ['id', 'kind', 'status', 'processedAt', 'amountSet']) }} as payments
    from refunds

),

moved as (

    select
        *,
        (
            select sum({{ signed_text(json_text('payment.amountSet', '$.shopMoney.amount')) }})
            from {{ each_item('payments') }} as done (payment)
            where payment.kind = 'REFUND' and payment.status = 'SUCCESS'
        ) as moved_amount,
        (
            select min(split_part(payment.id, '/', -1))
            from {{ each_item('payments') }} as done (payment)
            where payment.kind = 'REFUND' and payment.status = 'SUCCESS'
        ) as first_no,
        (
            select max(payment.processedAt)
            from {{ each_item('payments') }} as done (payment)
            where payment.kind = 'REFUND' and payment.status = 'SUCCESS'
        ) as last_at,
        (
            select count(*)
            from {{ each_item('payments') }} as running (payment)
            where payment.kind = 'REFUND' and payment.status in ('PENDING', 'AWAITING_RESPONSE')
        ) as running_count
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        split_part({{ json_text('refund', '$.id') }}, '/', -1) as refund_no,
        order_no,
        case
            when cancelled_at is not null then 'cancel'
            when {{ json_text('refund', '$.return.id') }} is not null then 'return_refund'
            else 'refund_only'
        end as type,
        case
            when cancelled_at is not null then 'cancelled order'
            when {{ json_text('refund', '$.return.id') }} is not null then 'return'
            else 'refund'
        end as source_type,
        case
            when running_count > 0 then 'processing'
            when first_no is not null then 'succeeded'
            else 'closed'
        end as status,
        case
            when running_count > 0 then 'PENDING'
            when first_no is not null then 'SUCCESS'
            else 'no successful transaction'
        end as source_status,
        cast(coalesce(moved_amount, 0) as string) as amount,
        first_no as merchant_refund_no,
        nullif({{ json_text('refund', '$.note') }}, '') as reason,
        {{ json_text('refund', '$.createdAt') }} as applied_at,
        case when running_count = 0 then last_at end as succeeded_at
    from moved

),

{{ typed_records(
    'refunds',
    [
        'currency', 'refund_no', 'order_no', 'type', 'status', 'amount', 'merchant_refund_no', 'reason', 'applied_at',
        'succeeded_at',
    ],
    translated=['type', 'status'],
) }}

select * from records
