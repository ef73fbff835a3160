-- One row per order or payment in scope of order↔payment, with the key of the group in which it must add up.
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with

plain as (

    select order_id, payment_id from {{ ref('int_matching__order_payment_pairs') }} where is_plain

),

plain_orders as (

    {{ order_as_member("orders.entity || '|' || orders.currency || '|' || orders.merchant_pay_no") }}
    from {{ ref('int_ledger__orders') }} as orders
    inner join plain on {{ row_id('orders') }} = plain.order_id

),

plain_payments as (

    {{ payment_as_member("payments.entity || '|' || payments.currency || '|' || payments.merchant_pay_no") }}
    from {{ ref('int_ledger__payments') }} as payments
    inner join plain on {{ row_id('payments') }} = plain.payment_id

),

int_matching__order_payment_members as (

    select *, false as is_plain from {{ ref('int_matching__order_payment_others') }}
    union all
    select *, true as is_plain from plain_orders
    union all
    select *, true as is_plain from plain_payments

)

select * from int_matching__order_payment_members
