-- One row per settlement of a report received; its payout goes by the settlement's own number.
with

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        settlement_no,
        period_start,
        period_end,
        total_amount,
        row_count,
        settled_at,
        settlement_no as payout_no
    from {{ source('amazon', 'amazon__settlements') }}

),

{{ typed_records(
    'settlements',
    [
        'currency', 'settlement_no', 'period_start', 'period_end', 'total_amount', 'row_count', 'settled_at', 'payout_no',
    ],
) }}

select * from records
