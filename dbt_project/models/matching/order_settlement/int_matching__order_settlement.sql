-- One row per match of an order, less its refunds, and the money the platform credited for it; fees are legs of their own.
with

int_matching__order_settlement as (

    select
        groups.group_key as match_key,
        'order_settlement' as level,
        case when groups.came_amount = groups.expected_amount then 'P1' else 'P2' end as pass,
        groups.entity,
        groups.platform,
        groups.store,
        groups.account,
        groups.currency,
        groups.business_date,
        groups.expected_amount - groups.fee_amount as left_amount,
        groups.came_amount - groups.fee_amount as right_amount,
        groups.came_amount - groups.expected_amount as difference,
        case
            when groups.came_amount = groups.expected_amount then 'matched'
            when abs(groups.came_amount - groups.expected_amount) <= parameters.fee_tol_txn then 'matched_tol'
            else 'differs'
        end as status,
        'high' as confidence,
        0 as alternatives,
        false as is_cross_day,
        groups.received_on as matched_on,
        'due ' || groups.expected_amount || ', credited ' || groups.came_amount || ', fees ' || groups.fee_amount as explanation,
        '应结 ' || groups.expected_amount || '，入账 ' || groups.came_amount || '，费用 ' || groups.fee_amount as explanation_zh
    from {{ ref('int_matching__order_settlement_groups') }} as groups
    cross join {{ ref('int_ledger__parameters') }} as parameters
    where groups.order_count = 1 and groups.money_count > 0

)

select * from int_matching__order_settlement
