-- One row per tracking number of an order received.
with

sent as (

    select
        file_id,
        row_number,
        landed_on,
        split_part(record ->> '$.id', '/', -1) as order_no,
        record ->> '$.currencyCode' as currency,
        unnest(json_extract(record, '$.fulfillments[*]')) as fulfilment
    from {{ source('shopify', 'shopify__orders') }}

),

parcels as (

    select
        *,
        unnest(json_extract(fulfilment, '$.trackingInfo[*]')) as parcel
    from sent

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        nullif(parcel ->> '$.number', '') as waybill_no,
        order_no,
        parcel ->> '$.company' as carrier,
        split_part(fulfilment ->> '$.id', '/', -1) as outbound_no,
        fulfilment ->> '$.createdAt' as tracked_at,
        fulfilment ->> '$.inTransitAt' as picked_up_at,
        fulfilment ->> '$.deliveredAt' as delivered_at
    from parcels

),

{{ typed_records(
    'shipments',
    ['currency', 'waybill_no', 'order_no', 'carrier', 'outbound_no', 'tracked_at', 'picked_up_at', 'delivered_at'],
) }}

select * from records
