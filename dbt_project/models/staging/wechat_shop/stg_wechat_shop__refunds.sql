-- One row per after-sale received that is about money.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'after_sale_order_id', 'order_id', 'status', 'type', 'reason', 'reason_text', 'create_time', 'update_time',
        ]) }} as fields,
        {{ json_text('record', '$.product_info.sku_id') }} as sku_id,
        {{ json_text('record', '$.refund_info.amount') }} as amount_minor
    from {{ source('wechat_shop', 'wechat_shop__refunds') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.after_sale_order_id, '') as refund_no,
        nullif(fields.order_id, '') as order_no,
        nullif(sku_id, '') as line_no,
        case fields.type when 'REFUND' then 'refund_only' when 'RETURN' then 'return_refund' end as type,
        fields.type as source_type,
        case
            when fields.status = 'MERCHANT_PROCESSING' then 'requested'
            when fields.status in ('USER_WAIT_RETURN', 'MERCHANT_WAIT_RECEIPT') then 'approved'
            when fields.status in ('MERCHANT_OVERDUE_REFUND', 'PLATFORM_REFUNDING') then 'processing'
            when fields.status in ('MERCHANT_REFUND_SUCCESS', 'MERCHANT_RETURN_SUCCESS') then 'succeeded'
            when fields.status in ('MERCHANT_REJECT_REFUND', 'MERCHANT_REJECT_RETURN') then 'rejected'
            when fields.status in ('USER_CANCELD', 'RETURN_CLOSED') then 'closed'
        end as status,
        fields.status as source_status,
        {{ minor_text('amount_minor') }} as amount,
        coalesce(nullif(fields.reason_text, ''), nullif(fields.reason, '')) as reason,
        {{ seconds_text('fields.create_time') }} as applied_at,
        case
            when fields.status in ('MERCHANT_REFUND_SUCCESS', 'MERCHANT_RETURN_SUCCESS')
                then {{ seconds_text('fields.update_time') }}
        end as succeeded_at
    from parsed
    -- an exchange moves goods and no money
    where fields.type is distinct from 'EXCHANGE'

),

{{ typed_records(
    'refunds',
    ['refund_no', 'order_no', 'line_no', 'type', 'status', 'amount', 'reason', 'applied_at', 'succeeded_at'],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
