-- One row per waybill of an order received; several stand in one cell, with | between carriers and commas within one.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['orderId', 'waybill', 'logisticsId', 'outBoundDate']) }} as fields
    from {{ source('jd', 'jd__orders') }}

),

parcels as (

    select
        file_id,
        row_number,
        landed_on,
        fields,
        {{ each_item(jd_waybills('fields.waybill')) }} as waybill
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        waybill as waybill_no,
        nullif(fields.orderId, '') as order_no,
        case fields.logisticsId
            when '463' then '圆通速递'
            when '467' then '顺丰速运'
            when '470' then '申通快递'
            when '1327' then '韵达快递'
            when '1499' then '中通快递'
            when '2087' then '京东快递'
            else 'logisticsId ' || nullif(fields.logisticsId, '')
        end as carrier,
        {{ jd_time('fields.outBoundDate') }} as tracked_at
    from parcels

),

{{ typed_records('shipments', ['waybill_no', 'order_no', 'carrier', 'tracked_at'], zone='Asia/Shanghai') }}

select * from records
