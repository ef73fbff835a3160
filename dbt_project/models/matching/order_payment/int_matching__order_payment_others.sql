-- One row per order or payment in scope that is in no plain pair, with the key of the group in which it must add up.
-- Whatever may belong to one of them is here too, so that they are looked up among themselves only.
{% set orders_in_question %}
    {{ order_payment_orders() }}
        and {{ row_id('orders') }} in ({{ set_apart('order') }})
{% endset %}
{% set payments_in_question %}
    {{ order_payment_payments() }}
        and {{ row_id('payments') }} in ({{ set_apart('payment') }})
{% endset %}
with

order_numbers as (

    select
        orders.entity,
        orders.currency,
        orders.order_no,
        orders.merchant_pay_no,
        orders.entity || '|' || orders.currency || '|' || orders.merchant_pay_no as pay_key
    {{ orders_in_question }}

),

payment_numbers as (

    select
        payments.record_key,
        payments.entity,
        payments.currency,
        payments.order_no,
        payments.merchant_pay_no,
        payments.entity || '|' || payments.currency || '|' || payments.merchant_pay_no as pay_key
    {{ payments_in_question }}

),

-- a payment that shares the number of the payment with its orders is not looked up by the order's number
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

    {{ order_as_member("orders.entity || '|' || orders.currency || '|' || coalesce(orders.merchant_pay_no, orders.order_no)") }}
    {{ orders_in_question }}

),

grouped_payments as (

    select
        payment_numbers.record_key,
        case
            when looked_up.record_key is null then payment_numbers.pay_key
            else coalesce(looked_up.group_key, 'payment|' || payment_numbers.record_key)
        end as group_key
    from payment_numbers
    left join looked_up on payment_numbers.record_key = looked_up.record_key

),

payment_members as (

    {{ payment_as_member('grouped_payments.group_key') }}
    from {{ ref('int_ledger__payments') }} as payments
    inner join grouped_payments on payments.record_key = grouped_payments.record_key

),

int_matching__order_payment_others as (

    select * from order_members
    union all
    select * from payment_members

)

select * from int_matching__order_payment_others
