-- One row per group of orders and payments that share a number, with its two sums and its class.
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with

-- the sums of one order and one payment are their amounts
plain as (

    select
        orders.entity || '|' || orders.currency || '|' || orders.merchant_pay_no as group_key,
        orders.entity,
        orders.currency,
        orders.platform,
        orders.store,
        payments.account,
        cast(1 as bigint) as order_count,
        cast(1 as bigint) as paid_order_count,
        cast(1 as bigint) as payment_count,
        cast(case when orders.status in ('cancelled', 'closed') then 1 else 0 end as bigint) as dead_order_count,
        orders.buyer_paid as order_amount,
        orders.buyer_paid as stated_amount,
        cast({{ payment_in_order() }} as decimal(18, 2)) as payment_amount,
        orders.business_date as order_date,
        orders.business_date as last_order_date,
        payments.business_date as payment_date,
        payments.business_date as last_payment_date,
        coalesce(orders.payment_method = 'cod', false) as is_cod,
        greatest(orders.received_on, payments.received_on) as received_on,
        'agrees' as class
    from {{ ref('int_matching__order_payment_pairs') }} as pairs
    inner join {{ ref('int_ledger__orders') }} as orders on pairs.order_id = {{ row_id('orders') }}
    inner join {{ ref('int_ledger__payments') }} as payments on pairs.payment_id = {{ row_id('payments') }}
    where pairs.is_plain

),

int_matching__order_payment_groups as (

    select * from {{ ref('int_matching__order_payment_other_groups') }}
    union all
    select * from plain

)

select * from int_matching__order_payment_groups
