-- One row per payment of a group that paid too much: whether it belongs to the earliest subset that adds up exactly.
with recursive

items as (

    select
        members.group_key,
        members.record_key,
        members.amount,
        groups.order_amount as target_amount,
        row_number() over (
            partition by members.group_key order by members.happened_at, members.record_key
        ) as position
    from {{ ref('int_matching__order_payment_others') }} as members
    inner join {{ ref('int_matching__order_payment_other_groups') }} as groups on members.group_key = groups.group_key
    where groups.class = 'surplus' and members.record_type = 'payment' and members.amount > 0

),

-- every subset within the target; groups hold at most twelve payments, so this is bounded
subsets as (

    select
        group_key,
        position as last_position,
        amount as total_amount,
        target_amount,
        cast(power(2, 12 - position) as integer) as mask,
        cast(amount as string) as amounts
    from items
    union all
    select
        subsets.group_key,
        items.position as last_position,
        cast(subsets.total_amount + items.amount as decimal(18, 2)) as total_amount,
        subsets.target_amount,
        subsets.mask + cast(power(2, 12 - items.position) as integer) as mask,
        subsets.amounts || ' ' || cast(items.amount as string) as amounts
    from subsets
    inner join items on subsets.group_key = items.group_key and subsets.last_position < items.position
    where subsets.total_amount + items.amount <= subsets.target_amount

),

-- the highest mask holds the earliest payments
fitting as (

    select
        group_key,
        max(mask) as mask,
        count(*) as subset_count,
        count(distinct {{ sorted_words('amounts') }}) as kind_count
    from subsets
    where total_amount = target_amount
    group by group_key

),

int_matching__order_payment_surplus as (

    select
        items.group_key,
        items.record_key,
        fitting.subset_count,
        fitting.kind_count,
        fitting.mask & cast(power(2, 12 - items.position) as integer) > 0 as is_valid
    from items
    inner join fitting on items.group_key = fitting.group_key

)

select * from int_matching__order_payment_surplus
