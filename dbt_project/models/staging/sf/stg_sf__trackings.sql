-- One row per answer about a waybill: its scans by time, or what it cost.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(coalesce({{ json_text('record', '$.mailNo') }}, {{ json_text('record', '$.waybill_no') }}), '') as waybill_no,
        {{ made_of_each(json_list('record', '$.routes'), 'scan', record_of([
            ('scanned_at', 'nullif(' ~ json_text('scan', '$.acceptTime') ~ ", '')"),
            ('code', 'coalesce(nullif(' ~ json_text('scan', '$.opCode') ~ ", ''), " ~ json_text('scan', '$.opcode') ~ ')'),
        ])) }} as scans,
        {{ made_of_each(json_list('record', '$.answer.msgData.waybillFeeList'), 'fee', json_text('fee', '$.value')) }} as fees
    from {{ source('sf', 'sf__waybills') }}

),

sums as (

    select
        answers.*,
        {{ made_of_each('fees', 'fee', signed_text('fee')) }} as amounts,
        {{ made_of_each(those_of('scans', 'scan', "scan.code in ('50', '54')"), 'scan', 'scan.scanned_at') }} as pick_ups,
        {{ made_of_each(those_of('scans', 'scan', "scan.code = '80'"), 'scan', 'scan.scanned_at') }} as arrivals,
        {{ made_of_each('scans', 'scan', 'scan.scanned_at') }} as times
    from answers

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        waybill_no,
        '顺丰速运' as carrier,
        {{ least_of('pick_ups') }} as picked_up_at,
        {{ least_of('arrivals') }} as delivered_at,
        {{ greatest_of('times') }} as last_scan_at,
        case
            when {{ length_of('fees') }} = 0 then null
            when {{ all_known('amounts') }} then cast({{ sum_of('amounts') }} as string)
            else 'no sum: ' || {{ joined('fees', ', ') }}
        end as freight_cost
    from sums

),

{{ typed_records(
    'trackings',
    ['waybill_no', 'carrier', 'picked_up_at', 'delivered_at', 'last_scan_at', 'freight_cost'],
    zone='Asia/Shanghai',
) }}

select * from records
