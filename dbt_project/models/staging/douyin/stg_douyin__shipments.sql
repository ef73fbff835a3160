-- One row per parcel of a shop order received.
with

parcels as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.order_id') }} as shop_order_no,
        {{ each_item(json_field_list('record', '$.logistics_info', ['tracking_no', 'company_name', 'ship_time'])) }} as fields
    from {{ source('douyin', 'douyin__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.tracking_no, '') as waybill_no,
        shop_order_no as order_no,
        fields.company_name as carrier,
        {{ seconds_text('fields.ship_time') }} as tracked_at
    from parcels

),

{{ typed_records('shipments', ['waybill_no', 'order_no', 'carrier', 'tracked_at'], zone='Asia/Shanghai') }}

select * from records
