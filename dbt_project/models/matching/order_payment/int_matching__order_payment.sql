-- One row per match of orders and payments.
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with

{{ order_payment_verdicts('groups') }},

-- what fits among too many payments adds up to the orders
claimed as (

    select
        *,
        case when verdict = 'duplicate' then order_amount else payment_amount end as right_amount,
        case when verdict = 'duplicate' then valid_count else payment_count end as right_count,
        split_part(group_key, '|', 3) as number
    from verdicts
    where verdict in ('agrees', 'differs', 'status_differs', 'duplicate')

),

int_matching__order_payment as (

    select
        group_key as match_key,
        'order_payment' as level,
        case when verdict in ('agrees', 'duplicate') then 'P1' else 'P2' end as pass,
        entity,
        platform,
        store,
        account,
        currency,
        order_date as business_date,
        order_amount as left_amount,
        right_amount,
        right_amount - order_amount as difference,
        case
            when verdict not in ('agrees', 'duplicate') then 'differs'
            when right_amount <> order_amount then 'matched_tol'
            else 'matched'
        end as status,
        'high' as confidence,
        0 as alternatives,
        -- cash on delivery comes days later by agreement
        last_payment_date > order_date and not is_cod as is_cross_day,
        received_on as matched_on,
        order_count || ' order(s) and ' || right_count || ' payment(s) share the number ' || number as explanation,
        order_count || ' 笔订单与 ' || right_count || ' 笔支付共用单号 ' || number as explanation_zh
    from claimed

)

select * from int_matching__order_payment
