-- One row per ticket or channel refund that a match claims: first by the shared number, then by order and amount.
with

members as (

    select * from {{ ref('int_matching__refund_payment_members') }}

),

by_number as (

    select
        number_key,
        count(case when record_type = 'refund' then 1 end) as ticket_count,
        count(case when record_type = 'payment' then 1 end) as payment_count
    from members
    where number_key is not null
    group by number_key
    having count(case when record_type = 'refund' then 1 end) >= 1
        and count(case when record_type = 'payment' then 1 end) >= 1

),

number_legs as (

    select
        'number|' || members.number_key as match_key,
        'P1' as pass,
        members.*
    from members
    inner join by_number on members.number_key = by_number.number_key

),

leftover as (

    select
        members.*,
        count(*) over (
            partition by members.order_group_key, members.amount, members.record_type
        ) as same_count
    from members
    left join by_number on members.number_key = by_number.number_key
    where by_number.number_key is null and members.order_group_key is not null

),

-- unique on both sides within one order
order_pairs as (

    select
        tickets.record_key as ticket_key,
        payments.record_key as payment_key
    from leftover as tickets
    inner join leftover as payments
        on
            tickets.order_group_key = payments.order_group_key
            and tickets.amount = payments.amount
            and tickets.record_type = 'refund'
            and payments.record_type = 'payment'
    where tickets.same_count = 1 and payments.same_count = 1

),

order_legs as (

    select
        'order|' || order_pairs.ticket_key as match_key,
        'P3' as pass,
        members.*
    from order_pairs
    inner join members
        on
            (members.record_type = 'refund' and members.record_key = order_pairs.ticket_key)
            or (members.record_type = 'payment' and members.record_key = order_pairs.payment_key)

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
