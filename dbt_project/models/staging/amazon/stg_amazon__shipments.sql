-- One row per package of an order received.
with

packages as (

    select
        file_id,
        row_number,
        landed_on,
        record ->> '$.orderId' as order_no,
        record ->> '$.proceeds.grandTotal.currencyCode' as currency,
        unnest(json_extract(record, '$.packages[*]')) as package
    from {{ source('amazon', 'amazon__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        nullif(package ->> '$.trackingNumber', '') as waybill_no,
        order_no,
        package ->> '$.carrier' as carrier,
        package ->> '$.packageReferenceId' as outbound_no,
        package ->> '$.createdTime' as tracked_at,
        package ->> '$.shipTime' as picked_up_at
    from packages

),

{{ typed_records('shipments', ['currency', 'waybill_no', 'order_no', 'carrier', 'outbound_no', 'tracked_at', 'picked_up_at']) }}

select * from records
