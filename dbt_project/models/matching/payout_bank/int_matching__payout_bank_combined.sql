-- One row per leg of a bounded combination: several payouts of one wallet in one bank credit, or one payout in several credits.
with recursive

items as (

    select items.*
    from {{ ref('int_matching__payout_bank_items') }} as items
    left join {{ ref('int_matching__payout_bank_exact') }} as exact
        on items.record_key = case when items.record_type = 'payout' then exact.payout_key else exact.line_key end
    where exact.payout_key is null

),

window_rule as (

    select
        coalesce(max(window_before), 0) as days_before,
        coalesce(max(window_after), 15) as days_after
    from {{ ref('int_ledger__match_rules') }}
    where level = 'payout_bank' and pass = 'P5'

),

-- both directions at once: a whole, and the parts that may make it up within the window
options as (

    select
        lines.record_key as whole_key,
        'bank_line' as whole_type,
        coalesce(payouts.wallet, '') as family,
        lines.amount as target_amount,
        payouts.record_key as part_key,
        payouts.amount
    from items as lines
    inner join items as payouts
        on
            lines.record_type = 'bank_line'
            and payouts.record_type = 'payout'
            and lines.bank_account = payouts.bank_account
            and lines.currency = payouts.currency
            and payouts.amount < lines.amount
    cross join window_rule
    where
        lines.business_date between payouts.business_date - window_rule.days_before
        and payouts.business_date + window_rule.days_after
    union all
    select
        payouts.record_key as whole_key,
        'payout' as whole_type,
        '' as family,
        payouts.amount as target_amount,
        lines.record_key as part_key,
        lines.amount
    from items as payouts
    inner join items as lines
        on
            lines.record_type = 'bank_line'
            and payouts.record_type = 'payout'
            and lines.bank_account = payouts.bank_account
            and lines.currency = payouts.currency
            and lines.amount < payouts.amount
    cross join window_rule
    where
        lines.business_date between payouts.business_date - window_rule.days_before
        and payouts.business_date + window_rule.days_after

),

-- twelve parts at most: beyond that the search is not begun and the items stay open
bounded as (

    select
        *,
        row_number() over (partition by whole_key, family order by part_key) as position,
        count(*) over (partition by whole_key, family) as part_count
    from options

),

subsets as (

    select
        whole_key,
        family,
        position as last_position,
        amount as total_amount,
        target_amount,
        1 as size,
        cast(power(2, position) as integer) as mask
    from bounded
    where part_count <= 12
    union all
    select
        subsets.whole_key,
        subsets.family,
        bounded.position as last_position,
        cast(subsets.total_amount + bounded.amount as decimal(18, 2)) as total_amount,
        subsets.target_amount,
        subsets.size + 1 as size,
        subsets.mask + cast(power(2, bounded.position) as integer) as mask
    from subsets
    inner join bounded
        on
            subsets.whole_key = bounded.whole_key
            and subsets.family = bounded.family
            and subsets.last_position < bounded.position
    where subsets.total_amount + bounded.amount <= subsets.target_amount

),

solutions as (

    select
        *,
        count(*) over (partition by whole_key) as solution_count
    from subsets
    where total_amount = target_amount and size >= 2

),

solution_parts as (

    select
        solutions.whole_key,
        bounded.whole_type,
        bounded.part_key,
        bounded.amount,
        solutions.target_amount,
        solutions.solution_count,
        count(*) over (partition by bounded.part_key) as wholes_for_part
    from solutions
    inner join bounded
        on
            solutions.whole_key = bounded.whole_key
            and solutions.family = bounded.family
            and solutions.mask & cast(power(2, bounded.position) as integer) > 0

),

-- one solution for the whole, and none of its parts wanted elsewhere
accepted as (

    select whole_key
    from solution_parts
    group by whole_key
    having max(solution_count) = 1 and max(wholes_for_part) = 1

),

-- a part that is itself a whole elsewhere would be claimed twice: then neither is claimed
contested as (

    select solution_parts.whole_key, solution_parts.part_key
    from solution_parts
    inner join accepted on solution_parts.whole_key = accepted.whole_key
    inner join accepted as other_wholes on solution_parts.part_key = other_wholes.whole_key

),

int_matching__payout_bank_combined as (

    select
        solution_parts.whole_key,
        solution_parts.whole_type,
        solution_parts.part_key,
        solution_parts.amount,
        solution_parts.target_amount
    from solution_parts
    inner join accepted on solution_parts.whole_key = accepted.whole_key
    where
        solution_parts.whole_key not in (select whole_key from contested)
        and solution_parts.whole_key not in (select part_key from contested)

)

select * from int_matching__payout_bank_combined
