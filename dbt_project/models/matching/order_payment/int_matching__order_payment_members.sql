-- One row per order or payment in scope of order↔payment, with the key of the group in which it must add up.
{% set orders_in_scope %}
    from {{ ref('int_ledger__orders') }} as orders
    inner join {{ ref('int_ledger__stores') }} as stores on orders.store = stores.store
    where
        stores.money = 'channel'
        and orders.role = 'platform'
        and coalesce(orders.payment_method, 'online') <> 'credit'
{% endset %}
with

-- read more than once, and therefore no wider than needed
order_numbers as (

    select
        orders.entity,
        orders.currency,
        orders.order_no,
        orders.merchant_pay_no,
        orders.entity || '|' || orders.currency || '|' || orders.merchant_pay_no as pay_key
    {{ orders_in_scope }}

),

payment_numbers as (

    select
        record_key,
        entity,
        currency,
        order_no,
        merchant_pay_no,
        entity || '|' || currency || '|' || merchant_pay_no as pay_key
    from {{ ref('int_ledger__payments') }}
    where type in ('payment', 'reversal') and status = 'succeeded'

),

-- most payments share the number of the payment with their orders: only the others are looked up by the order's number
strangers as (

    select * from payment_numbers
    where order_no is not null or pay_key is null or pay_key not in (select pay_key from order_numbers where pay_key is not null)

),

-- an order's number leads to its group; one that leads to two groups leads to none
named as (

    select
        entity,
        currency,
        order_no,
        case
            when min(coalesce(merchant_pay_no, order_no)) = max(coalesce(merchant_pay_no, order_no))
                then entity || '|' || currency || '|' || min(coalesce(merchant_pay_no, order_no))
        end as group_key
    from order_numbers
    where order_no in (select order_no from strangers union all select merchant_pay_no from strangers)
    group by entity, currency, order_no

),

looked_up as (

    select
        strangers.record_key,
        case
            when by_order_no.order_no is not null then by_order_no.group_key
            when paid.pay_key is not null then strangers.pay_key
            else by_pay_no.group_key
        end as group_key
    from strangers
    left join named as by_order_no
        on
            strangers.entity = by_order_no.entity
            and strangers.currency = by_order_no.currency
            and strangers.order_no = by_order_no.order_no
    left join (
        select distinct pay_key from order_numbers where pay_key in (select pay_key from strangers)
    ) as paid on strangers.pay_key = paid.pay_key
    left join named as by_pay_no
        on
            strangers.entity = by_pay_no.entity
            and strangers.currency = by_pay_no.currency
            and strangers.merchant_pay_no = by_pay_no.order_no

),

order_members as (

    select
        orders.entity || '|' || orders.currency || '|' || coalesce(orders.merchant_pay_no, orders.order_no) as group_key,
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
        orders.paid_at is not null or orders.status in ('paid', 'shipped', 'completed') as is_paid,
        orders.status in ('cancelled', 'closed') as is_dead,
        coalesce(orders.payment_method, 'online') as payment_method,
        {{ day_of(['orders.signed_at', 'orders.confirmed_at']) }} as signed_on,
        case
            when orders.paid_at is not null or orders.status in ('paid', 'shipped', 'completed') then orders.buyer_paid
            else 0
        end as amount,
        orders.buyer_paid as stated_amount
    {{ orders_in_scope }}

),

payment_members as (

    select
        case
            when looked_up.record_key is null
                then payments.entity || '|' || payments.currency || '|' || payments.merchant_pay_no
            else coalesce(looked_up.group_key, 'payment|' || payments.record_key)
        end as group_key,
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
    from {{ ref('int_ledger__payments') }} as payments
    left join looked_up on payments.record_key = looked_up.record_key
    where payments.type in ('payment', 'reversal') and payments.status = 'succeeded'

),

int_matching__order_payment_members as (

    select * from order_members
    union all
    select * from payment_members

)

select * from int_matching__order_payment_members
