-- One row per payout or bank credit that a match claims.
with

pairs as (

    select 'pair|' || payout_key as match_key, pass, payout_key, line_key, 0 as alternatives
    from {{ ref('int_matching__payout_bank_exact') }}
    union all
    select 'tie|' || payout_key as match_key, 'P6' as pass, payout_key, line_key, alternatives
    from {{ ref('int_matching__payout_bank_ties') }}

),

combined as (

    select * from {{ ref('int_matching__payout_bank_combined') }}

),

claims as (

    select match_key, pass, 'payout' as record_type, payout_key as record_key, alternatives from pairs
    union all
    select match_key, pass, 'bank_line' as record_type, line_key as record_key, alternatives from pairs
    union all
    select
        'combination|' || whole_key as match_key,
        'P5' as pass,
        case when whole_type = 'bank_line' then 'payout' else 'bank_line' end as record_type,
        part_key as record_key,
        0 as alternatives
    from combined
    union all
    select
        'combination|' || whole_key as match_key,
        'P5' as pass,
        min(whole_type) as record_type,
        whole_key as record_key,
        0 as alternatives
    from combined
    group by whole_key
    union all
    select by_hand as match_key, 'MANUAL' as pass, record_type, record_key, 0 as alternatives
    from {{ ref('int_matching__payout_bank_items') }}
    where {{ is_by_hand('by_hand') }}

),

int_matching__payout_bank_legs as (

    select
        claims.match_key,
        claims.pass,
        claims.alternatives,
        case when claims.record_type = 'payout' then 'left' else 'right' end as side,
        claims.record_type,
        claims.record_key,
        items.amount,
        items.entity,
        items.platform,
        items.store,
        items.wallet,
        items.bank_account,
        items.currency,
        items.business_date,
        items.received_on
    from claims
    inner join {{ ref('int_matching__payout_bank_items') }} as items
        on claims.record_type = items.record_type and claims.record_key = items.record_key

)

select * from int_matching__payout_bank_legs
