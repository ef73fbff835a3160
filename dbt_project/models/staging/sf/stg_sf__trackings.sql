-- One row per answer about a waybill: its scans by time, or what it cost.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(coalesce({{ json_text('record', '$.mailNo') }}, {{ json_text('record', '$.waybill_no') }}), '') as waybill_no,
        [
            {
                'scanned_at': nullif({{ json_text('scan', '$.acceptTime') }}, ''),
                'code': coalesce(nullif({{ json_text('scan', '$.opCode') }}, ''), {{ json_text('scan', '$.opcode') }})
            }
            for scan in {{ json_list('record', '$.routes') }}
        ] as scans,
        [{{ json_text('fee', '$.value') }} for fee in {{ json_list('record', '$.answer.msgData.waybillFeeList') }}] as fees
    from {{ source('sf', 'sf__waybills') }}

),

sums as (

    select
        answers.*,
        [{{ signed_text('fee') }} for fee in fees] as amounts
    from answers

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        waybill_no,
        '顺丰速运' as carrier,
        list_min([scan.scanned_at for scan in scans if scan.code in ('50', '54')]) as picked_up_at,
        list_min([scan.scanned_at for scan in scans if scan.code = '80']) as delivered_at,
        list_max([scan.scanned_at for scan in scans]) as last_scan_at,
        case
            when len(fees) = 0 then null
            when list_count(amounts) = len(fees) then cast(list_sum(amounts) as string)
            else 'no sum: ' || array_to_string(fees, ', ')
        end as freight_cost
    from sums

),

{{ typed_records(
    'trackings',
    ['waybill_no', 'carrier', 'picked_up_at', 'delivered_at', 'last_scan_at', 'freight_cost'],
    zone='Asia/Shanghai',
) }}

select * from records
