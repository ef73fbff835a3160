-- One row per parcel that the shipment-tracking plug-in noted on an order received.
with

notes as (

    select
        file_id,
        row_number,
        landed_on,
        record ->> '$.id' as order_no,
        record ->> '$.currency' as currency,
        unnest(json_extract(record, '$.meta_data[*]')) as note
    from {{ source('woocommerce', 'woocommerce__orders') }}

),

parcels as (

    select
        file_id,
        row_number,
        landed_on,
        order_no,
        currency,
        unnest(json_extract(note, '$.value[*]')) as parcel
    from notes
    where note ->> '$.key' = '_wc_shipment_tracking_items'

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        nullif(parcel ->> '$.tracking_number', '') as waybill_no,
        order_no,
        coalesce(nullif(parcel ->> '$.tracking_provider', ''), parcel ->> '$.custom_tracking_provider') as carrier,
        strftime(
            to_timestamp(try_cast(parcel ->> '$.date_shipped' as bigint)) at time zone 'UTC', '%Y-%m-%dT%H:%M:%SZ'
        ) as tracked_at
    from parcels

),

{{ typed_records('shipments', ['currency', 'waybill_no', 'order_no', 'carrier', 'tracked_at']) }}

select * from records
