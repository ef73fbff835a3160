-- One row per channel refund that crosses what the buyer paid: refunds in time order, the excess alone.
with

paid as (

    select group_key, order_amount from {{ ref('int_matching__order_payment_groups') }}
    where paid_order_count > 0

),

running as (

    select
        legs.match_key,
        legs.record_key,
        legs.amount,
        legs.business_date,
        legs.received_on,
        paid.order_amount,
        sum(legs.amount) over (
            partition by legs.order_group_key order by legs.happened_at, legs.record_key
            rows between unbounded preceding and current row
        ) as refunded_amount
    from {{ ref('int_matching__refund_payment_legs') }} as legs
    inner join paid on legs.order_group_key = paid.group_key
    where legs.record_type = 'payment'

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
