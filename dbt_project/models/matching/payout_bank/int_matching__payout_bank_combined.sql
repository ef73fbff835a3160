-- One row per part of a combination that is claimed: several payouts of one wallet in one bank credit, or one payout in several credits.
with

candidates as (

    select * from {{ ref('int_matching__payout_bank_candidates') }}

),

searches as (

    select * from {{ ref('int_matching__payout_bank_searches') }}

),

int_matching__payout_bank_combined as (

    select
        candidates.whole_key,
        candidates.whole_type,
        candidates.part_key,
        candidates.amount,
        candidates.target_amount
    from candidates
    inner join searches on candidates.whole_key = searches.whole_key
    where searches.verdict = 'found' and candidates.part_solution_count = 1

)

select * from int_matching__payout_bank_combined
