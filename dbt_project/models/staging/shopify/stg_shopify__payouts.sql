-- One row per payout to the bank received; what is collected from the bank is a movement of the balance only.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        split_part({{ json_text('record', '$.id') }}, '/', -1) as payout_no,
        {{ json_text('record', '$.net.amount') }} as amount,
        {{ json_text('record', '$.net.currencyCode') }} as currency,
        {{ json_text('record', '$.issuedAt') }} as issued_at,
        {{ json_text('record', '$.externalTraceId') }} as trace_no,
        {{ json_text('record', '$.status') }} as source_status
    from {{ source('shopify', 'shopify__payouts') }}
    where coalesce({{ json_text('record', '$.transactionType') }}, 'DEPOSIT') <> 'WITHDRAWAL'

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        payout_no,
        amount,
        issued_at as initiated_at,
        nullif(trace_no, '') as bank_reference,
        case source_status
            when 'SCHEDULED' then 'in_transit'
            when 'IN_TRANSIT' then 'in_transit'
            when 'PAID' then 'paid'
            when 'FAILED' then 'failed'
            when 'CANCELED' then 'failed'
        end as status,
        source_status
    from parsed

),

{{ typed_records(
    'payouts',
    ['currency', 'payout_no', 'amount', 'initiated_at', 'bank_reference', 'status'],
    translated=['status'],
) }}

select * from records
