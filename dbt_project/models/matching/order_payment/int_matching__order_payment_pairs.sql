-- One row per order and payment in scope that share a payment's number, and per record that shares none: whether the two are a plain pair.
-- A plain pair is one paid order and one payment that agree, and nothing else can lead to them: it needs no group.
with

orders as (

    select
        {{ row_id('orders') }} as order_id,
        orders.pay_key,
        case when {{ is_paid_order() }} then orders.buyer_paid end as amount
    {{ order_payment_orders() }}

),

payments as (

    select
        {{ row_id('payments') }} as payment_id,
        payments.pay_key,
        {{ payment_in_order() }} as amount
    {{ order_payment_payments() }}

),

-- a key may meet several of the other side: such a key is contested below
paired as (

    select
        orders.order_id,
        payments.payment_id,
        payments.pay_key,
        payments.amount - orders.amount as difference_amount
    from orders
    full outer join payments on orders.pay_key = payments.pay_key

),

naming_payments as (

    select
        {{ row_id('payments') }} as payment_id,
        payments.order_no,
        payments.pay_key
    {{ order_payment_payments() }}
        and payments.order_no is not null

),

-- payments that name the very order whose number they share
meant as (

    select naming_payments.payment_id
    {{ order_payment_orders('inner join naming_payments on orders.pay_key = naming_payments.pay_key and orders.order_no = naming_payments.order_no') }}

),

-- of what was split off one row, the row alone does not tell which is which
repeated_payments as (

    select payment_id from payments group by payment_id having count(*) > 1

),

strangers as (

    select payment_id from paired where order_id is null
    union all
    select payment_id from repeated_payments
    union all
    select payment_id from naming_payments where payment_id not in (select payment_id from meant)

),

-- any order of a number that they name may be theirs
strange_payments as (

    select
        payments.order_no,
        payments.merchant_pay_no,
        payments.pay_key
    {{ order_payment_payments() }}
        and {{ row_id('payments') }} in (select payment_id from strangers)

),

-- two orders of one number, where a payment names its order
named_twice as (

    select orders.order_no
    {{ order_payment_orders() }}
        and orders.order_no in (select order_no from naming_payments)
    group by orders.order_no
    having count(*) > 1

),

contested as (

    select pay_key from orders where pay_key is not null group by pay_key having count(*) > 1
    union
    select pay_key from payments where pay_key is not null group by pay_key having count(*) > 1
    union
    select pay_key from strange_payments where pay_key is not null
    union
    select orders.pay_key
    {{ order_payment_orders() }}
        and orders.pay_key is not null
        and orders.order_no in (select order_no from strange_payments)
    union
    select orders.pay_key
    {{ order_payment_orders() }}
        and orders.pay_key is not null
        and orders.order_no in (select merchant_pay_no from strange_payments)
    union
    select orders.pay_key
    {{ order_payment_orders() }}
        and orders.pay_key is not null
        and orders.order_no in (select order_no from named_twice)
    union
    -- an order without a payment's number is known by its own
    select {{ wide_number_key("orders.entity || '|' || orders.currency || '|' || orders.order_no") }} as pay_key
    {{ order_payment_orders() }}
        and orders.merchant_pay_no is null

),

int_matching__order_payment_pairs as (

    select
        paired.order_id,
        paired.payment_id,
        coalesce(
            contested.pay_key is null and abs(paired.difference_amount) <= parameters.amount_tol, false
        ) as is_plain
    from paired
    left join contested on paired.pay_key = contested.pay_key
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_matching__order_payment_pairs
