-- One row per answer about a number: its scans by instant, as far as the carrier had the parcel.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif({{ json_text('record', '$.tracking_number') }}, '') as waybill_no,
        nullif({{ json_text('record', '$.carrier') }}, '') as carrier,
        -- the newest status counts as a scan beside the history
        {{ scans_of(
            with_last(json_list('record', '$.tracking_history'), json_part('record', '$.tracking_status')),
            '$.status_date', '$.status', {
                'PRE_TRANSIT': 'label', 'UNKNOWN': 'unclear', '': 'unclear', 'TRANSIT': 'moved',
                'DELIVERED': 'delivered', 'RETURNED': 'returned',
            }
        ) }} as scans
    from {{ source('shippo', 'shippo__waybills') }}

),

{{ received_scans() }}

select * from records
