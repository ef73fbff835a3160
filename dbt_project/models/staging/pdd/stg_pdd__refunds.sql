-- One row per refund ticket received that is about money; only status 10 moves it.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'id', 'order_sn', 'sku_id', 'after_sales_type', 'after_sales_status', 'refund_amount', 'after_sale_reason',
            'created_time', 'updated_time',
        ]) }} as fields
    from {{ source('pdd', 'pdd__refunds') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.id, '') as refund_no,
        nullif(fields.order_sn, '') as order_no,
        nullif(fields.sku_id, '') as line_no,
        case fields.after_sales_type when '2' then 'refund_only' when '3' then 'return_refund' end as type,
        'after_sales_type=' || fields.after_sales_type as source_type,
        case
            when fields.after_sales_status in ('2', '3') then 'requested'
            when fields.after_sales_status in ('7', '31') then 'approved'
            when fields.after_sales_status in ('4', '5', '8', '33') then 'processing'
            when fields.after_sales_status = '6' then 'rejected'
            when fields.after_sales_status = '10' then 'succeeded'
            when fields.after_sales_status in ('0', '9', '11', '12', '13') then 'closed'
        end as status,
        'after_sales_status=' || fields.after_sales_status as source_status,
        fields.refund_amount as amount,
        nullif(fields.after_sale_reason, '') as reason,
        nullif({{ seconds_text('fields.created_time') }}, '') as applied_at,
        case
            when fields.after_sales_status = '10' then nullif({{ seconds_text('fields.updated_time') }}, '')
        end as succeeded_at
    from parsed
    -- exchange and resent goods: tickets without money
    where fields.after_sales_type not in ('4', '5') or fields.after_sales_type is null

),

{{ typed_records(
    'refunds',
    ['refund_no', 'order_no', 'line_no', 'type', 'status', 'amount', 'reason', 'applied_at', 'succeeded_at'],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
