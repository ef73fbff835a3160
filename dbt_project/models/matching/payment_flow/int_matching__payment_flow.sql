-- One row per match of channel payments, less the fees the channel states, and wallet flows.
with

sums as (

    select
        legs.match_key,
        min(members.entity) as entity,
        min(members.platform) as platform,
        min(members.store) as store,
        min(members.account) as account,
        min(members.currency) as currency,
        min(case when legs.side = 'left' then legs.business_date end) as business_date,
        max(case when legs.side = 'right' then legs.business_date end) as flow_date,
        cast(sum(case when legs.side in ('left', 'adjustment') then legs.amount else 0 end) as decimal(18, 2))
            as left_amount,
        cast(sum(case when legs.side = 'right' then legs.amount else 0 end) as decimal(18, 2)) as right_amount,
        max(legs.received_on) as received_on
    from {{ ref('int_matching__payment_flow_legs') }} as legs
    inner join {{ ref('int_matching__payment_flow_members') }} as members
        on legs.record_type = members.record_type and legs.record_key = members.record_key
    group by legs.match_key

),

int_matching__payment_flow as (

    select
        sums.match_key,
        'payment_flow' as level,
        case
            when {{ is_by_hand('sums.match_key') }} then 'MANUAL'
            when sums.left_amount = sums.right_amount then 'P1'
            else 'P2'
        end as pass,
        sums.entity,
        sums.platform,
        sums.store,
        sums.account,
        sums.currency,
        sums.business_date,
        sums.left_amount,
        sums.right_amount,
        sums.right_amount - sums.left_amount as difference,
        case
            when sums.left_amount = sums.right_amount then 'matched'
            when abs(sums.right_amount - sums.left_amount) <= parameters.amount_tol then 'matched_tol'
            else 'differs'
        end as status,
        'high' as confidence,
        0 as alternatives,
        sums.flow_date <> sums.business_date as is_cross_day,
        sums.received_on as matched_on,
        'payment less fee ' || sums.left_amount || ', wallet ' || sums.right_amount as explanation,
        '支付减手续费 ' || sums.left_amount || '，钱包 ' || sums.right_amount as explanation_zh
    from sums
    cross join {{ ref('int_ledger__parameters') }} as parameters

)

select * from int_matching__payment_flow
