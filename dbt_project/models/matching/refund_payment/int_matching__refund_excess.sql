-- One row per channel refund that crosses what the buyer paid: refunds in time order, repeats apart, the excess alone.
with

paid as (

    select group_key, order_amount from {{ ref('int_matching__order_payment_groups') }}
    where paid_order_count > 0

),

legs as (

    select match_key, record_key from {{ ref('int_matching__refund_payment_legs') }} where record_type = 'payment'

),

running as (

    select
        legs.match_key,
        members.record_key,
        members.amount,
        members.business_date,
        members.received_on,
        paid.order_amount,
        sum(members.amount) over (
            partition by members.order_group_key order by members.happened_at, members.record_key
            rows between unbounded preceding and current row
        ) as refunded_amount
    from {{ ref('int_matching__refund_payment_members') }} as members
    inner join paid on members.order_group_key = paid.group_key
    left join legs on members.record_key = legs.record_key
    left join {{ ref('int_matching__refund_repeats') }} as repeats on members.record_key = repeats.record_key
    where members.record_type = 'payment' and repeats.record_key is null

),

int_matching__refund_excess as (

    select
        match_key,
        record_key,
        business_date,
        received_on,
        cast(least(amount, refunded_amount - order_amount) as decimal(18, 2)) as excess_amount
    from running
    where refunded_amount > order_amount

)

select * from int_matching__refund_excess
