-- One row per payout received, by the number of the settlement it pays, else by its own.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        record ->> '$.id' as own_no,
        record ->> '$.amount.currencyAmount' as amount,
        record ->> '$.amount.currencyCode' as currency,
        record ->> '$.creationDate' as created_at,
        record ->> '$.accountTail' as account_tail,
        record ->> '$.traceId' as trace_no,
        record ->> '$.currentStatus' as source_status,
        (
            select case when count(*) = 1 then min(related ->> '$.relatedIdentifierValue') end
            from unnest(json_extract(record, '$.relatedIdentifiers[*]')) as numbers (related)
            where related ->> '$.relatedIdentifierName' = 'SETTLEMENT_ID'
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
