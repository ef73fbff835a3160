-- One row per order received that names a waybill.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['order_sn', 'tracking_number', 'logistics_id', 'shipping_time']) }} as fields
    from {{ source('pdd', 'pdd__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.tracking_number as waybill_no,
        nullif(fields.order_sn, '') as order_no,
        case fields.logistics_id
            when '44' then '顺丰速运'
            when '85' then '圆通速递'
            when '131' then '德邦快递'
            when '384' then '极兔速递'
            else 'logistics_id ' || fields.logistics_id
        end as carrier,
        nullif({{ seconds_text('fields.shipping_time') }}, '') as tracked_at
    from parsed
    where fields.tracking_number <> ''

),

{{ typed_records('shipments', ['waybill_no', 'order_no', 'carrier', 'tracked_at'], zone='Asia/Shanghai') }}

select * from records
