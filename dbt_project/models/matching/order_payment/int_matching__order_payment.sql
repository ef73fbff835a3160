-- One row per match of orders and payments.
with

legs as (

    select * from {{ ref('int_matching__order_payment_legs') }}

),

sums as (

    select
        match_key,
        min(verdict) as verdict,
        cast(sum(case when side = 'left' then amount else 0 end) as decimal(18, 2)) as left_amount,
        cast(sum(case when side = 'right' then amount else 0 end) as decimal(18, 2)) as right_amount,
        count(case when side = 'left' then 1 end) as left_count,
        count(case when side = 'right' then 1 end) as right_count
    from legs
    group by match_key

),

int_matching__order_payment as (

    select
        sums.match_key,
        'order_payment' as level,
        case when sums.verdict in ('agrees', 'duplicate') then 'P1' else 'P2' end as pass,
        groups.entity,
        groups.platform,
        groups.store,
        groups.account,
        groups.currency,
        groups.order_date as business_date,
        sums.left_amount,
        sums.right_amount,
        sums.right_amount - sums.left_amount as difference,
        case
            when sums.verdict not in ('agrees', 'duplicate') then 'differs'
            when sums.right_amount <> sums.left_amount then 'matched_tol'
            else 'matched'
        end as status,
        'high' as confidence,
        0 as alternatives,
        -- cash on delivery comes days later by agreement
        groups.last_payment_date > groups.order_date and not groups.is_cod as is_cross_day,
        groups.received_on as matched_on,
        sums.left_count || ' order(s) and ' || sums.right_count || ' payment(s) share the number '
        || split_part(sums.match_key, '|', 3) as explanation,
        sums.left_count || ' 笔订单与 ' || sums.right_count || ' 笔支付共用单号 '
        || split_part(sums.match_key, '|', 3) as explanation_zh
    from sums
    inner join {{ ref('int_matching__order_payment_groups') }} as groups on sums.match_key = groups.group_key

)

select * from int_matching__order_payment
