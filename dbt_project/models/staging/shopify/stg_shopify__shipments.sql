-- One row per tracking number of an order received.
with

sent as (

    select
        file_id,
        row_number,
        landed_on,
        split_part({{ json_text('record', '$.id') }}, '/', -1) as order_no,
        {{ json_text('record', '$.currencyCode') }} as currency,
        {{ each_item(json_list('record', '$.fulfillments')) }} as fulfilment
    from {{ source('shopify', 'shopify__orders') }}

),

parcels as (

    select
        *,
        {{ each_item(json_list('fulfilment', '$.trackingInfo')) }} as parcel
    from sent

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        nullif({{ json_text('parcel', '$.number') }}, '') as waybill_no,
        order_no,
        {{ json_text('parcel', '$.company') }} as carrier,
        split_part({{ json_text('fulfilment', '$.id') }}, '/', -1) as outbound_no,
        {{ json_text('fulfilment', '$.createdAt') }} as tracked_at,
        {{ json_text('fulfilment', '$.inTransitAt') }} as picked_up_at,
        {{ json_text('fulfilment', '$.deliveredAt') }} as delivered_at
    from parcels

),

{{ typed_records(
    'shipments',
    ['currency', 'waybill_no', 'order_no', 'carrier', 'outbound_no', 'tracked_at', 'picked_up_at', 'delivered_at'],
) }}

select * from records
