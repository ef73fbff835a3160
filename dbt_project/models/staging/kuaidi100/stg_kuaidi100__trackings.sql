-- One row per answer about a waybill: first scan, last scan, and what the state makes of the last one.
with

answers as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['nu', 'com', 'state']) }} as fields,
        {{ made_of_each(json_list('record', '$.data'), 'scan', json_text('scan', '$.time')) }} as times
    from {{ source('kuaidi100', 'kuaidi100__waybills') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.nu as waybill_no,
        fields.com as carrier,
        {{ least_of('times') }} as picked_up_at,
        case when fields.state = '3' then {{ greatest_of('times') }} end as delivered_at,
        case when fields.state = '4' then {{ greatest_of('times') }} end as returned_at,
        {{ greatest_of('times') }} as last_scan_at
    from answers

),

{{ typed_records(
    'trackings',
    ['waybill_no', 'carrier', 'picked_up_at', 'delivered_at', 'returned_at', 'last_scan_at'],
    zone='Asia/Shanghai',
) }}

select * from records
