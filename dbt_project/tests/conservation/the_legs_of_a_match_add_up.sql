-- Left legs and adjustments make the right legs, and both make the sums the match states.
with

sums as (

    select
        match_id,
        sum(case when side = 'right' then amount else 0 end) as right_amount,
        sum(case when side <> 'right' then amount else 0 end) as explained_amount
    from {{ ref('match_legs') }}
    group by match_id

)

select matches.match_id
from {{ ref('matches') }} as matches
left join sums on matches.match_id = sums.match_id
where
    sums.right_amount is distinct from matches.right_amount
    or sums.explained_amount is distinct from sums.right_amount
    or matches.difference is distinct from matches.right_amount - matches.left_amount
