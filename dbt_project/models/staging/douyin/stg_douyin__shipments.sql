-- One row per parcel of a shop order received.
with

parcels as (

    select
        file_id,
        row_number,
        landed_on,
        record ->> '$.order_id' as shop_order_no,
        unnest(from_json(
            record -> '$.logistics_info',
            '[{"tracking_no":"VARCHAR","company_name":"VARCHAR","ship_time":"VARCHAR"}]'
        )) as fields
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
