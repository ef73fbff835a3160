-- One row per answer about a waybill: its scans by time, or what it cost.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(coalesce(record ->> '$.mailNo', record ->> '$.waybill_no'), '') as waybill_no,
        [
            {
                'scanned_at': nullif(scan ->> '$.acceptTime', ''),
                'code': coalesce(nullif(scan ->> '$.opCode', ''), scan ->> '$.opcode')
            }
            for scan in json_extract(record, '$.routes[*]')
        ] as scans,
        [fee ->> '$.value' for fee in json_extract(record, '$.answer.msgData.waybillFeeList[*]')] as fees
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
            when list_count(amounts) = len(fees) then cast(list_sum(amounts) as varchar)
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
