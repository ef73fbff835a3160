-- One row per match of a settlement and the wallet flows that paid it.
with

sums as (

    select
        legs.match_key,
        min(records.entity) as entity,
        min(case when legs.side = 'left' then records.platform end) as platform,
        min(case when legs.side = 'left' then records.store end) as store,
        min(case when legs.side = 'right' then records.account end) as account,
        min(records.currency) as currency,
        min(case when legs.side = 'left' then records.business_date end) as business_date,
        max(case when legs.side = 'right' then records.business_date end) as flow_date,
        cast(sum(case when legs.side = 'left' then legs.amount else 0 end) as decimal(18, 2)) as left_amount,
        cast(sum(case when legs.side = 'right' then legs.amount else 0 end) as decimal(18, 2)) as right_amount,
        max(records.received_on) as received_on
    from {{ ref('int_matching__settlement_flow_legs') }} as legs
    inner join {{ ref('int_matching__records') }} as records
        on legs.record_type = records.record_type and legs.record_key = records.record_key
    group by legs.match_key

),

int_matching__settlement_flow as (

    select
        sums.match_key,
        'settlement_flow' as level,
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
        case when sums.left_amount = sums.right_amount then 'matched' else 'differs' end as status,
        'high' as confidence,
        0 as alternatives,
        sums.flow_date <> sums.business_date as is_cross_day,
        sums.received_on as matched_on,
        'settled ' || sums.left_amount || ', wallet ' || sums.right_amount as explanation,
        '结算 ' || sums.left_amount || '，钱包 ' || sums.right_amount as explanation_zh
    from sums

)

select * from int_matching__settlement_flow
