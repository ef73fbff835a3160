-- One row per tracker of an answer: its scans by instant, as far as the carrier had the parcel.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif({{ json_text('record', '$.tracking_code') }}, '') as waybill_no,
        nullif({{ json_text('record', '$.carrier') }}, '') as carrier,
        {{ scans_of(json_list('record', '$.tracking_details'), '$.datetime', '$.status', {
            'pre_transit': 'label', 'cancelled': 'label', 'error': 'label', 'unknown': 'unclear', '': 'unclear',
            'in_transit': 'moved', 'out_for_delivery': 'moved', 'available_for_pickup': 'moved',
            'delivered': 'delivered', 'return_to_sender': 'returned',
        }) }} as scans
    from {{ source('easypost', 'easypost__waybills') }}

),

{{ received_scans() }}

select * from records
