-- One row per tracker of an answer: its scans by instant, as far as the carrier had the parcel.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif({{ json_text('record', '$.tracking_code') }}, '') as waybill_no,
        nullif({{ json_text('record', '$.carrier') }}, '') as carrier,
        [
            {
                'said': {{ json_text('scan', '$.datetime') }},
                'kind': case coalesce({{ json_text('scan', '$.status') }}, '')
                    when 'pre_transit' then 'label'
                    when 'cancelled' then 'label'
                    when 'error' then 'label'
                    when 'unknown' then 'unclear'
                    when '' then 'unclear'
                    when 'in_transit' then 'moved'
                    when 'out_for_delivery' then 'moved'
                    when 'available_for_pickup' then 'moved'
                    when 'delivered' then 'delivered'
                    when 'return_to_sender' then 'returned'
                    else 'seen'
                end
            }
            for scan in {{ json_list('record', '$.tracking_details') }}
        ] as scans
    from {{ source('easypost', 'easypost__waybills') }}

),

{{ received_scans() }}

select * from records
