-- One row per settlement of an export, summed from its settled rows.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'settlement_no', 'total', 'row_count', 'settled_at', 'period_start', 'period_end',
        ]) }} as fields
    from {{ source('jd', 'jd__batches') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.settlement_no as settlement_no,
        nullif(fields.period_start, '') as period_start,
        nullif(fields.period_end, '') as period_end,
        fields.total as total_amount,
        fields.row_count as row_count,
        nullif(fields.settled_at, '') as settled_at
    from parsed

),

{{ typed_records(
    'settlements',
    ['settlement_no', 'period_start', 'period_end', 'total_amount', 'row_count', 'settled_at'],
    zone='Asia/Shanghai',
) }}

select * from records
