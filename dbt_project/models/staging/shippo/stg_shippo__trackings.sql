-- One row per answer about a number: its scans by instant, as far as the carrier had the parcel.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif({{ json_text('record', '$.tracking_number') }}, '') as waybill_no,
        nullif({{ json_text('record', '$.carrier') }}, '') as carrier,
        [
            {
                'said': {{ json_text('scan', '$.status_date') }},
                'kind': case coalesce({{ json_text('scan', '$.status') }}, '')
                    when 'PRE_TRANSIT' then 'label'
                    when 'UNKNOWN' then 'unclear'
                    when '' then 'unclear'
                    when 'TRANSIT' then 'moved'
                    when 'DELIVERED' then 'delivered'
                    when 'RETURNED' then 'returned'
                    else 'seen'
                end
            }
            -- the newest status counts as a scan beside the history
            for scan in list_append(
                {{ json_list('record', '$.tracking_history') }}, {{ json_part('record', '$.tracking_status') }}
            )
        ] as scans
    from {{ source('shippo', 'shippo__waybills') }}

),

{{ received_scans() }}

select * from records
