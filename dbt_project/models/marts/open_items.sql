-- One row per record and level that no match closes, in transit included, with its age.
with

open_items as (

    select
        open_items.level,
        open_items.side,
        open_items.record_type,
        open_items.record_key,
        records.entity,
        records.platform,
        records.store,
        records.account,
        records.currency,
        records.source_no,
        records.order_no,
        records.business_date,
        open_items.amount,
        case when by_hand.by_hand is not null then 'kept_apart' else searches.verdict end as search,
        case when open_items.is_waiting then 'timing' else 'open' end as status,
        coalesce(open_items.expected_on, cast(open_items.breaks_on - 1 as date)) as expected_on,
        open_items.breaks_on,
        candidates.nearest_candidates,
        candidates.smallest_change,
        greatest(0, {{ days_from('records.business_date', run_variable('today')) }}) as age_days
    from {{ ref('int_exceptions__open') }} as open_items
    inner join {{ ref('int_matching__records') }} as records
        on open_items.record_type = records.record_type and open_items.record_key = records.record_key
    left join {{ ref('int_exceptions__candidates') }} as candidates
        on
            open_items.level = candidates.level
            and open_items.record_type = candidates.record_type
            and open_items.record_key = candidates.record_key
    left join {{ ref('int_matching__payout_bank_searches') }} as searches
        on
            case when open_items.level = 'payout_bank' then open_items.record_type end = searches.whole_type
            and open_items.record_key = searches.whole_key
    left join {{ ref('int_matching__by_hand') }} as by_hand
        on
            open_items.level = by_hand.level
            and open_items.record_type = by_hand.record_type
            and open_items.record_key = by_hand.record_key
    where open_items.situation not in ('nothing_due', 'refunded')

)

select
    level,
    side,
    record_type,
    record_key,
    entity,
    platform,
    store,
    account,
    currency,
    source_no,
    order_no,
    business_date,
    cast(amount as decimal(18, 2)) as amount,
    status,
    expected_on,
    breaks_on,
    cast(age_days as integer) as age_days,
    case
        when age_days <= 1 then '0_1'
        when age_days <= 3 then '2_3'
        when age_days <= 7 then '4_7'
        when age_days <= 30 then '8_30'
        when age_days <= 90 then '31_90'
        else 'over_90'
    end as bucket,
    nearest_candidates,
    smallest_change,
    search
from open_items
