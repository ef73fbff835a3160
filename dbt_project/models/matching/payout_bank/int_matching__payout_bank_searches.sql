-- One row per bank credit or payout that has candidate parts, with what the search for an exact combination came to.
with

candidates as (

    select * from {{ ref('int_matching__payout_bank_candidates') }}

),

-- how many exact combinations, of whatever whole, want a part
wanted as (

    select part_key, sum(part_solution_count) as wanted_count
    from candidates
    group by part_key

),

wholes as (

    select
        candidates.whole_key,
        candidates.whole_type,
        candidates.part_count,
        candidates.is_searched,
        candidates.solution_count,
        coalesce(
            max(case when candidates.part_solution_count > 0 then wanted.wanted_count end), 0
        ) as wanted_count
    from candidates
    inner join wanted on candidates.part_key = wanted.part_key
    group by
        candidates.whole_key,
        candidates.whole_type,
        candidates.part_count,
        candidates.is_searched,
        candidates.solution_count

),

-- one combination for the whole, and none of its parts wanted elsewhere
single as (

    select whole_key from wholes where solution_count = 1 and wanted_count = 1

),

-- a part that is itself a whole elsewhere would be claimed twice: then neither is claimed
crossed as (

    select candidates.whole_key, candidates.part_key
    from candidates
    inner join single on candidates.whole_key = single.whole_key
    inner join single as other_wholes on candidates.part_key = other_wholes.whole_key
    where candidates.part_solution_count > 0

),

contested as (

    select whole_key from crossed
    union
    select part_key as whole_key from crossed

),

int_matching__payout_bank_searches as (

    select
        wholes.whole_key,
        wholes.whole_type,
        wholes.part_count,
        wholes.solution_count,
        case
            when not wholes.is_searched then 'stopped_at_limit'
            when wholes.solution_count = 0 then 'none_exists'
            when wholes.solution_count > 1 then 'several'
            when single.whole_key is null or contested.whole_key is not null then 'contested'
            else 'found'
        end as verdict
    from wholes
    left join single on wholes.whole_key = single.whole_key
    left join contested on wholes.whole_key = contested.whole_key

)

select * from int_matching__payout_bank_searches
