-- One row per payout received, by the number of the settlement it pays, else by its own.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.id') }} as own_no,
        {{ json_text('record', '$.amount.currencyAmount') }} as amount,
        {{ json_text('record', '$.amount.currencyCode') }} as currency,
        {{ json_text('record', '$.creationDate') }} as created_at,
        {{ json_text('record', '$.accountTail') }} as account_tail,
        {{ json_text('record', '$.traceId') }} as trace_no,
        {{ json_text('record', '$.currentStatus') }} as source_status,
        (
            select case when count(*) = 1 then min({{ json_text('related', '$.relatedIdentifierValue') }}) end
            from {{ each_item(json_list('record', '$.relatedIdentifiers')) }} as numbers (related)
            where {{ json_text('related', '$.relatedIdentifierName') }} = 'SETTLEMENT_ID'
        ) as settlement_no
    from {{ source('amazon', 'amazon__payouts') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        coalesce(settlement_no, own_no) as payout_no,
        amount,
        created_at as initiated_at,
        account_tail as bank_account,
        nullif(trace_no, '') as bank_reference,
        case source_status
            when 'STARTED' then 'in_transit'
            when 'IN_TRANSIT' then 'in_transit'
            when 'PAID' then 'paid'
            when 'FAILED' then 'failed'
        end as status,
        source_status
    from parsed

),

{{ typed_records(
    'payouts',
    ['currency', 'payout_no', 'amount', 'initiated_at', 'bank_account', 'bank_reference', 'status'],
    translated=['status'],
) }}

select * from records
