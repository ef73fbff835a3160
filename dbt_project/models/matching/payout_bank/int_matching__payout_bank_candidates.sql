-- One row per whole and item that may be a part of it, with what the search for exact sums found.
with recursive

items as (

    select items.*, windows.first_on, windows.last_on
    from {{ ref('int_matching__payout_bank_items') }} as items
    left join {{ ref('int_matching__payout_bank_windows') }} as windows
        on case when items.record_type = 'payout' then items.record_key end = windows.record_key and windows.pass = 'P5'
    left join (
        select 'payout' as record_type, payout_key as record_key from {{ ref('int_matching__payout_bank_exact') }}
        union all
        select 'bank_line' as record_type, line_key as record_key from {{ ref('int_matching__payout_bank_exact') }}
    ) as exact on items.record_type = exact.record_type and items.record_key = exact.record_key
    where exact.record_key is null and items.by_hand is null

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
            and payouts.amount > 0
            and payouts.amount < lines.amount
    where lines.business_date between payouts.first_on and payouts.last_on
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
            and lines.amount > 0
            and lines.amount < payouts.amount
    where lines.business_date between payouts.first_on and payouts.last_on

),

-- twelve parts at most: a whole that has more in any family is not searched at all, so that nothing is called the only one unproven
numbered as (

    select
        *,
        row_number() over (partition by whole_key, family order by part_key) as position,
        count(*) over (partition by whole_key, family) as family_count
    from options

),

bounded as (

    select *, max(family_count) over (partition by whole_key) as part_count
    from numbered

),

subsets as (

    select
        whole_key,
        family,
        position as last_position,
        amount as total_amount,
        target_amount,
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
        subsets.mask + cast(power(2, bounded.position) as integer) as mask
    from subsets
    inner join bounded
        on
            subsets.whole_key = bounded.whole_key
            and subsets.family = bounded.family
            and subsets.last_position < bounded.position
    where subsets.total_amount + bounded.amount <= subsets.target_amount

),

-- every part is smaller than its whole, so an exact sum has two parts at least
solutions as (

    select whole_key, family, mask from subsets where total_amount = target_amount

),

solution_counts as (

    select whole_key, count(*) as solution_count
    from solutions
    group by whole_key

),

part_counts as (

    select
        bounded.whole_key,
        bounded.part_key,
        count(*) as solution_count
    from solutions
    inner join bounded
        on
            solutions.whole_key = bounded.whole_key
            and solutions.family = bounded.family
            and solutions.mask & cast(power(2, bounded.position) as integer) > 0
    group by bounded.whole_key, bounded.part_key

),

int_matching__payout_bank_candidates as (

    select
        bounded.whole_key,
        bounded.whole_type,
        bounded.family,
        bounded.part_key,
        bounded.amount,
        bounded.target_amount,
        bounded.part_count,
        bounded.part_count <= 12 as is_searched,
        coalesce(solution_counts.solution_count, 0) as solution_count,
        coalesce(part_counts.solution_count, 0) as part_solution_count
    from bounded
    left join solution_counts on bounded.whole_key = solution_counts.whole_key
    left join part_counts on bounded.whole_key = part_counts.whole_key and bounded.part_key = part_counts.part_key

)

select * from int_matching__payout_bank_candidates
