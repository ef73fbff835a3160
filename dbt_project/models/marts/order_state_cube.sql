-- One row per day, shop and state of payment, delivery and invoice: each order is in exactly one.
select
    business_date as day,
    entity,
    platform,
    store,
    currency,
    paid_state,
    delivered_state,
    invoiced_state,
    count(*) as orders,
    cast(sum(consideration) as decimal(18, 2)) as amount
from {{ ref('orders') }}
group by business_date, entity, platform, store, currency, paid_state, delivered_state, invoiced_state
