-- One row per order or payment in scope of order↔payment, with the key of the group in which it must add up.
with

orders as (

    select
        orders.record_key,
        orders.entity,
        orders.platform,
        orders.store,
        orders.currency,
        orders.business_date,
        orders.order_no,
        orders.merchant_pay_no,
        orders.buyer_paid,
        orders.paid_at,
        orders.received_on,
        orders.paid_at is not null or orders.status in ('paid', 'shipped', 'completed') as is_paid,
        orders.status in ('cancelled', 'closed') as is_dead,
        coalesce(orders.payment_method, 'online') as payment_method,
        {{ day_of(['orders.signed_at', 'orders.confirmed_at']) }} as signed_on,
        orders.entity || '|' || orders.currency || '|' || coalesce(orders.merchant_pay_no, orders.order_no) as group_key
    from {{ ref('int_ledger__orders') }} as orders
    inner join {{ ref('int_ledger__stores') }} as stores on orders.store = stores.store
    where
        stores.money = 'channel'
        and orders.role = 'platform'
        and coalesce(orders.payment_method, 'online') <> 'credit'

),

payments as (

    select * from {{ ref('int_ledger__payments') }}
    where type in ('payment', 'reversal') and status = 'succeeded'

),

-- the numbers by which a payment may name an order, strongest first
links as (

    select payments.record_key, orders.group_key, 1 as strength
    from payments
    inner join orders
        on
            payments.entity = orders.entity
            and payments.currency = orders.currency
            and payments.order_no = orders.order_no
    union all
    select payments.record_key, orders.group_key, 2 as strength
    from payments
    inner join orders
        on
            payments.entity = orders.entity
            and payments.currency = orders.currency
            and payments.merchant_pay_no = orders.merchant_pay_no
    union all
    select payments.record_key, orders.group_key, 3 as strength
    from payments
    inner join orders
        on
            payments.entity = orders.entity
            and payments.currency = orders.currency
            and payments.merchant_pay_no = orders.order_no

),

strongest as (

    select
        record_key,
        group_key,
        strength,
        min(strength) over (partition by record_key) as best_strength
    from links

),

-- a payment that names two groups equally well names none
linked as (

    select
        record_key,
        min(group_key) as group_key,
        min(strength) as strength
    from strongest
    where strength = best_strength
    group by record_key
    having min(group_key) = max(group_key)

),

order_members as (

    select
        orders.group_key,
        'order' as record_type,
        orders.record_key,
        orders.entity,
        orders.platform,
        orders.store,
        cast(null as string) as account,
        orders.currency,
        orders.business_date,
        orders.paid_at as happened_at,
        orders.received_on,
        orders.is_paid,
        orders.is_dead,
        orders.payment_method,
        orders.signed_on,
        case when orders.is_paid then orders.buyer_paid else 0 end as amount,
        orders.buyer_paid as stated_amount
    from orders

),

payment_members as (

    select
        coalesce(linked.group_key, 'payment|' || payments.record_key) as group_key,
        'payment' as record_type,
        payments.record_key,
        payments.entity,
        payments.platform,
        payments.store,
        payments.account,
        payments.currency,
        payments.business_date,
        coalesce(payments.succeeded_at, payments.occurred_at) as happened_at,
        payments.received_on,
        true as is_paid,
        false as is_dead,
        cast(null as string) as payment_method,
        cast(null as date) as signed_on,
        case when payments.type = 'reversal' then -payments.amount else payments.amount end as amount,
        payments.amount as stated_amount
    from payments
    left join linked on payments.record_key = linked.record_key

),

int_matching__order_payment_members as (

    select * from order_members
    union all
    select * from payment_members

)

select * from int_matching__order_payment_members
