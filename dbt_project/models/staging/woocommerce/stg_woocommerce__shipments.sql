-- One row per parcel that the shipment-tracking plug-in noted on an order received.
with

notes as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.id') }} as order_no,
        {{ json_text('record', '$.currency') }} as currency,
        {{ each_item(json_list('record', '$.meta_data')) }} as note
    from {{ source('woocommerce', 'woocommerce__orders') }}

),

parcels as (

    select
        file_id,
        row_number,
        landed_on,
        order_no,
        currency,
        {{ each_item(json_list('note', '$.value')) }} as parcel
    from notes
    where {{ json_text('note', '$.key') }} = '_wc_shipment_tracking_items'

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        nullif({{ json_text('parcel', '$.tracking_number') }}, '') as waybill_no,
        order_no,
        coalesce(nullif({{ json_text('parcel', '$.tracking_provider') }}, ''), {{ json_text('parcel', '$.custom_tracking_provider') }}) as carrier,
        {{ utc_text('try_cast(' ~ json_text('parcel', '$.date_shipped') ~ ' as bigint)') }} as tracked_at
    from parcels

),

{{ typed_records('shipments', ['currency', 'waybill_no', 'order_no', 'carrier', 'tracked_at']) }}

select * from records
