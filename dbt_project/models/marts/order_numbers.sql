-- One row per number by which somebody may know an order, and order: narrow, and published in the order of its key.
with

orders as (

    select
        *,
        {{ lookup_key("store || '|' || order_no") }} as order_key
    from {{ ref('int_ledger__orders') }}
    where role = 'platform'

),

trail as (

    select order_key, store, order_no, record_type, record_key, source_no
    from {{ ref('order_trail') }}
    where record_type <> 'order'

),

numbers as (

    {% for kind, number in [('order', 'order_no'), ('order', 'merchant_pay_no'), ('buyer', 'buyer_key')] %}
    select order_key, store, order_no, business_date, '{{ kind }}' as kind, {{ number }} as number from orders
    union all
    {% endfor %}
    select trail.order_key, trail.store, trail.order_no, orders.business_date, trail.record_type as kind, trail.source_no as number
    from trail
    inner join orders on trail.order_key = orders.order_key
    union all
    {% for number in ['merchant_pay_no', 'merchant_refund_no', 'original_transaction_no'] %}
    select trail.order_key, trail.store, trail.order_no, orders.business_date, 'payment' as kind, payments.{{ number }} as number
    from trail
    inner join orders on trail.order_key = orders.order_key
    inner join {{ ref('int_ledger__payments') }} as payments
        on trail.record_type = 'payment' and trail.record_key = payments.record_key
    where payments.{{ number }} is not null
    union all
    {% endfor %}
    select orders.order_key, orders.store, orders.order_no, orders.business_date, 'refund' as kind, refunds.merchant_refund_no as number
    from orders
    inner join {{ ref('int_ledger__refunds') }} as refunds
        on orders.store = refunds.store and orders.order_no = refunds.order_no
    union all
    {% for number in ['return_no', 'waybill_no'] %}
    select orders.order_key, orders.store, orders.order_no, orders.business_date, 'return' as kind, returns.{{ number }} as number
    from orders
    inner join {{ ref('int_ledger__returns') }} as returns
        on orders.store = returns.store and orders.order_no = returns.order_no
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

keyed as (

    select *, {{ lookup_key('number') }} as number_key
    from numbers
    where number is not null

),

order_numbers as (

    select
        number_key,
        kind,
        order_key,
        min(store) as store,
        min(order_no) as order_no,
        min(business_date) as business_date
    from keyed
    group by number_key, kind, order_key

)

select * from order_numbers
