-- One row per group of orders and payments that share a number and are no plain pair, with its two sums and its class.
with

members as (

    select * from {{ ref('int_matching__order_payment_others') }}

),

sums as (

    select
        group_key,
        min(entity) as entity,
        min(currency) as currency,
        min(case when record_type = 'order' then platform end) as platform,
        min(case when record_type = 'order' then store end) as store,
        min(case when record_type = 'payment' then account end) as account,
        count(case when record_type = 'order' then 1 end) as order_count,
        count(case when record_type = 'order' and is_paid then 1 end) as paid_order_count,
        count(case when record_type = 'payment' then 1 end) as payment_count,
        count(case when record_type = 'order' and is_dead then 1 end) as dead_order_count,
        cast(coalesce(sum(case when record_type = 'order' then amount end), 0) as decimal(18, 2)) as order_amount,
        cast(coalesce(sum(case when record_type = 'order' then stated_amount end), 0) as decimal(18, 2))
            as stated_amount,
        cast(coalesce(sum(case when record_type = 'payment' then amount end), 0) as decimal(18, 2)) as payment_amount,
        min(case when record_type = 'order' then business_date end) as order_date,
        max(case when record_type = 'order' then business_date end) as last_order_date,
        min(case when record_type = 'payment' then business_date end) as payment_date,
        max(case when record_type = 'payment' then business_date end) as last_payment_date,
        bool_or(coalesce(payment_method = 'cod', false)) as is_cod,
        max(received_on) as received_on
    from members
    group by group_key

),

int_matching__order_payment_other_groups as (

    select
        sums.*,
        case
            when sums.order_count = 0 then 'payment_only'
            when sums.payment_count = 0 and sums.paid_order_count = 0 then 'unpaid'
            when sums.payment_count = 0 and sums.order_amount = 0 then 'free'
            when sums.payment_count = 0 then 'order_only'
            when
                sums.paid_order_count = 0 and sums.dead_order_count = 0 and sums.payment_amount < sums.stated_amount
                then 'deposit'
            when sums.paid_order_count = 0 then 'status_differs'
            when abs(sums.payment_amount - sums.order_amount) <= parameters.amount_tol then 'agrees'
            when sums.payment_amount > sums.order_amount and sums.payment_count between 2 and 12 then 'surplus'
            else 'differs'
        end as class
    from sums
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_matching__order_payment_other_groups
