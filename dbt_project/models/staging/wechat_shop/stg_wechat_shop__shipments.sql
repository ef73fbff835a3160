-- One row per parcel of an order received.
with

parcels as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.order_id') }} as order_id,
        {{ each_item(json_field_list('record', '$.order_detail.delivery_info.delivery_product_info', [
            'waybill_id', 'delivery_id', 'delivery_name', 'delivery_time',
        ])) }} as fields
    from {{ source('wechat_shop', 'wechat_shop__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.waybill_id, '') as waybill_no,
        nullif(order_id, '') as order_no,
        coalesce(nullif(fields.delivery_name, ''), nullif(fields.delivery_id, '')) as carrier,
        {{ seconds_text('fields.delivery_time') }} as tracked_at
    from parcels

),

{{ typed_records('shipments', ['waybill_no', 'order_no', 'carrier', 'tracked_at'], zone='Asia/Shanghai') }}

select * from records
