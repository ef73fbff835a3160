-- One row per payout received, as it stood then.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['id', 'amount', 'currency', 'created', 'arrival_date', 'status']) }} as fields,
        {{ json_text('record', '$.trace_id.value') }} as trace_no
    from {{ source('stripe', 'stripe__payouts') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        upper(fields.currency) as currency,
        fields.id as payout_no,
        {{ minor_text('fields.amount', 'fields.currency') }} as amount,
        {{ seconds_text('fields.created') }} as initiated_at,
        left({{ seconds_text('fields.arrival_date') }}, 10) as expected_on,
        trace_no as bank_reference,
        case fields.status
            when 'paid' then 'paid' when 'in_transit' then 'in_transit' when 'pending' then 'in_transit'
            when 'failed' then 'failed' when 'canceled' then 'failed'
        end as status,
        fields.status as source_status
    from parsed

),

{{ typed_records(
    'payouts',
    ['currency', 'payout_no', 'amount', 'initiated_at', 'expected_on', 'bank_reference', 'status'],
    translated=['status'],
) }}

select * from records
