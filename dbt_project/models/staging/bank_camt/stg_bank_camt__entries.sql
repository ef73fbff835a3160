-- One row per booked entry of a camt statement: one bank line, a batch too.
with

received as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in [
            'account', 'currency', 'line_no', 'booked_at', 'value_date', 'direction', 'amount', 'balance',
            'counterparty_name', 'counterparty_account', 'remark', 'bank_reference',
        ] %}
        {{ trimmed(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('bank_camt', 'bank_camt__entries') }}

),

{{ typed_records(
    'bank_lines',
    [
        'account', 'currency', 'line_no', 'booked_at', 'value_date', 'direction', 'amount', 'balance',
        'counterparty_name', 'counterparty_account', 'remark', 'bank_reference',
    ],
) }}

select * from records
