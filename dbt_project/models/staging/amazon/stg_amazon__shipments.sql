-- One row per package of an order received.
with

packages as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.orderId') }} as order_no,
        {{ json_text('record', '$.proceeds.grandTotal.currencyCode') }} as currency,
        {{ each_item(json_list('record', '$.packages')) }} as package
    from {{ source('amazon', 'amazon__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        nullif({{ json_text('package', '$.trackingNumber') }}, '') as waybill_no,
        order_no,
        {{ json_text('package', '$.carrier') }} as carrier,
        {{ json_text('package', '$.packageReferenceId') }} as outbound_no,
        {{ json_text('package', '$.createdTime') }} as tracked_at,
        {{ json_text('package', '$.shipTime') }} as picked_up_at
    from packages

),

{{ typed_records('shipments', ['currency', 'waybill_no', 'order_no', 'carrier', 'outbound_no', 'tracked_at', 'picked_up_at']) }}

select * from records
