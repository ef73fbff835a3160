-- One row per amount of a settlement report received; a word of Amazon's that is not known keeps its place.
with

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        settlement_no,
        line_no,
        nullif(order_no, '') as order_no,
        nullif(sub_order_no, '') as sub_order_no,
        nullif(transaction_no, '') as transaction_no,
        nullif(component, '') as component,
        source_component,
        amount,
        bill_date,
        settled_at
    from {{ source('amazon', 'amazon__settlement_lines') }}

),

{{ typed_records(
    'settlement_lines',
    [
        'currency', 'settlement_no', 'line_no', 'order_no', 'sub_order_no', 'transaction_no', 'component', 'amount',
        'bill_date', 'settled_at',
    ],
    translated=['component'],
) }}

select * from records
