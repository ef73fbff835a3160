-- One row per succeeded refund ticket of an order whose money the platform holds, with the subsidy it takes back.
with

refunds as (

    select
        refunds.record_key,
        refunds.refund_no,
        refunds.entity,
        refunds.store,
        refunds.order_no,
        refunds.business_date,
        refunds.received_on,
        refunds.amount,
        refunds.platform_subsidy_returned,
        orders.record_key as order_key,
        orders.platform_subsidy,
        orders.buyer_paid,
        sum(refunds.amount) over (
            partition by orders.record_key
            order by coalesce(refunds.succeeded_at, refunds.applied_at), refunds.record_key
            rows between unbounded preceding and current row
        ) as refunded_amount
    from {{ ref('int_ledger__refunds') }} as refunds
    inner join {{ ref('int_ledger__stores') }} as stores on refunds.store = stores.store
    inner join {{ ref('int_ledger__orders') }} as orders
        on refunds.store = orders.store and refunds.order_no = orders.order_no and orders.role = 'platform'
    where stores.money = 'platform' and refunds.status = 'succeeded' and refunds.role = 'platform'

),

-- half-up share of the subsidy; the refund that reaches the full payment takes the rest
shares as (

    select
        *,
        case
            when platform_subsidy_returned is not null then platform_subsidy_returned
            when buyer_paid = 0 or platform_subsidy = 0 then 0
            else {{ half_up_share('platform_subsidy', 'amount', 'buyer_paid') }}
        end as share_amount
    from refunds

),

summed as (

    select
        *,
        sum(share_amount) over (
            partition by order_key order by refunded_amount, record_key
            rows between unbounded preceding and current row
        ) as shared_amount
    from shares

),

int_matching__order_refunds as (

    select
        record_key,
        refund_no,
        entity,
        store,
        order_no,
        order_key,
        business_date,
        received_on,
        amount,
        cast(
            case
                when platform_subsidy_returned is null and refunded_amount >= buyer_paid
                    then platform_subsidy - (shared_amount - share_amount)
                else share_amount
            end as decimal(18, 2)
        ) as clawback_amount
    from summed

)

select * from int_matching__order_refunds
