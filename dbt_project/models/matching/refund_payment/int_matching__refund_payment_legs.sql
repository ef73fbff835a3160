-- One row per ticket or channel refund that a match claims: first by the shared number, then by order and amount.
with

members as (

    select * from {{ ref('int_matching__refund_payment_members') }}

),

by_number as (

    select
        number_key,
        count(case when record_type = 'refund' then 1 end) as ticket_count,
        count(case when record_type = 'payment' then 1 end) as payment_count,
        sum(case when record_type = 'refund' then amount end) as ticket_amount
    from members
    where number_key is not null
    group by number_key
    having count(case when record_type = 'refund' then 1 end) >= 1
        and count(case when record_type = 'payment' then 1 end) >= 1

),

-- what comes under a number whose tickets are already paid in full is no part of the match
numbered as (

    select
        members.*,
        by_number.ticket_amount,
        row_number() over (
            partition by members.number_key, members.record_type order by members.happened_at, members.record_key
        ) as position,
        sum(members.amount) over (
            partition by members.number_key, members.record_type order by members.happened_at, members.record_key
            rows between unbounded preceding and current row
        ) as running_amount
    from members
    inner join by_number on members.number_key = by_number.number_key

),

complete as (

    select number_key, min(position) as position
    from numbered
    where record_type = 'payment' and running_amount = ticket_amount
    group by number_key

),

number_legs as (

    select
        'number|' || numbered.number_key as match_key,
        'P1' as pass,
        numbered.*
    from numbered
    left join complete on numbered.number_key = complete.number_key
    where
        numbered.record_type = 'refund'
        or complete.number_key is null
        or numbered.position <= complete.position

),

leftover as (

    select
        members.*,
        row_number() over (
            partition by members.order_group_key, members.amount, members.record_type
            order by members.happened_at, members.record_key
        ) as position
    from members
    left join by_number on members.number_key = by_number.number_key
    where by_number.number_key is null and members.order_group_key is not null

),

-- equal amounts of one order make one group, the earlier ones first; what one side has more of stays out
order_groups as (

    select
        order_group_key,
        amount,
        least(
            count(case when record_type = 'refund' then 1 end), count(case when record_type = 'payment' then 1 end)
        ) as pair_count
    from leftover
    group by order_group_key, amount

),

order_legs as (

    select
        'order|' || leftover.order_group_key || '|' || leftover.amount as match_key,
        'P3' as pass,
        leftover.*
    from leftover
    inner join order_groups
        on leftover.order_group_key = order_groups.order_group_key and leftover.amount = order_groups.amount
    where leftover.position <= order_groups.pair_count

),

int_matching__refund_payment_legs as (

    select
        match_key,
        pass,
        case when record_type = 'refund' then 'left' else 'right' end as side,
        record_type,
        record_key,
        amount,
        entity,
        platform,
        store,
        account,
        currency,
        business_date,
        happened_at,
        received_on,
        order_group_key
    from number_legs
    union all
    select
        match_key,
        pass,
        case when record_type = 'refund' then 'left' else 'right' end as side,
        record_type,
        record_key,
        amount,
        entity,
        platform,
        store,
        account,
        currency,
        business_date,
        happened_at,
        received_on,
        order_group_key
    from order_legs

)

select * from int_matching__refund_payment_legs
