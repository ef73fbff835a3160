-- The states of payment, delivery and invoice share out the orders of a day and shop, with their money.
with

orders as (

    select business_date as day, store, currency, count(*) as orders, sum(consideration) as amount
    from (
        {% for relation in [ref('orders'), source('closed', 'orders')] %}
        select business_date, store, currency, consideration from {{ relation }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as every_order
    group by business_date, store, currency

),

cube as (

    select day, store, currency, sum(orders) as orders, sum(amount) as amount
    from {{ ref('order_state_cube') }}
    group by day, store, currency

)

select coalesce(orders.day, cube.day) as day, coalesce(orders.store, cube.store) as store
from orders
full outer join cube
    on orders.day = cube.day and orders.store = cube.store and orders.currency = cube.currency
where orders.orders is distinct from cube.orders or orders.amount is distinct from cube.amount
union all
select day, store
from {{ ref('order_state_cube') }}
where paid_state is null or delivered_state is null or invoiced_state is null
