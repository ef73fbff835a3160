-- One row per leg of a match: a record on its left or right side, or an adjustment that explains a part of it.
select
    legs.match_id,
    legs.level,
    legs.side,
    legs.record_type,
    legs.record_key,
    records.source_no,
    records.entity,
    records.business_date,
    records.connection,
    cast(legs.amount as decimal(18, 2)) as amount,
    -- a payout meets the bank in the bank's currency
    case
        when legs.level = 'payout_bank' then coalesce(payouts.bank_currency, records.currency) else records.currency
    end as currency,
    -- what was sent before it was converted on its way, and at which rate
    case when payouts.bank_currency <> payouts.currency then payouts.amount end as original_amount,
    case when payouts.bank_currency <> payouts.currency then payouts.currency end as original_currency,
    case when payouts.bank_currency <> payouts.currency then payouts.fx_rate end as fx_rate,
    files.sha256 as source_file_sha256,
    records.row_number as source_row
from {{ ref('int_matching__legs') }} as legs
inner join {{ ref('int_matching__records') }} as records
    on legs.record_type = records.record_type and legs.record_key = records.record_key
left join {{ ref('int_ledger__payouts') }} as payouts
    on case when legs.record_type = 'payout' then legs.record_key end = payouts.record_key
left join {{ ref('int_ledger__files') }} as files on records.file_id = files.file_id
union all
-- what a match leaves over is a leg of its own, so that the legs of every match add up to zero
select
    match_id,
    level,
    'adjustment' as side,
    'difference' as record_type,
    match_id as record_key,
    cast(null as string) as source_no,
    entity,
    business_date,
    cast(null as string) as connection,
    cast(difference as decimal(18, 2)) as amount,
    currency,
    cast(null as decimal(18, 2)) as original_amount,
    cast(null as string) as original_currency,
    cast(null as decimal(18, 6)) as fx_rate,
    cast(null as string) as source_file_sha256,
    cast(null as bigint) as source_row
from {{ ref('int_matching__matches') }}
where difference <> 0
