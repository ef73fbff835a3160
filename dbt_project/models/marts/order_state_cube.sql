-- One row per day, shop and state of payment, delivery and invoice: each order is in exactly one.
with

parts as (

    select
        business_date as day,
        entity,
        platform,
        store,
        currency,
        paid_state,
        delivered_state,
        invoiced_state,
        1 as orders,
        consideration as amount
    from {{ ref('orders') }}
    union all
    -- of closed threads the sums
    select day, entity, platform, store, currency, paid_state, delivered_state, invoiced_state, orders, amount
    from {{ source('closed', 'cube_sums') }}

)

select
    day,
    entity,
    platform,
    store,
    currency,
    paid_state,
    delivered_state,
    invoiced_state,
    cast(sum(orders) as bigint) as orders,
    cast(sum(amount) as decimal(18, 2)) as amount
from parts
group by day, entity, platform, store, currency, paid_state, delivered_state, invoiced_state
having sum(orders) > 0
