-- One row per order, refund, settlement line or wallet flow in a match of an order and its settlement, and per fee it explains.
with

claimed as (

    select * from {{ ref('int_matching__order_settlement_groups') }}
    where order_count = 1 and money_count > 0

),

int_matching__order_settlement_legs as (

    select
        members.group_key as match_key,
        case when members.record_type = 'order' then 'left' else 'right' end as side,
        members.record_type,
        members.record_key,
        members.amount
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join claimed on members.group_key = claimed.group_key
    union all
    select
        claimed.group_key as match_key,
        'left' as side,
        'refund' as record_type,
        refunds.record_key,
        cast(-(refunds.amount + refunds.clawback_amount) as decimal(18, 2)) as amount
    from claimed
    inner join {{ ref('int_matching__order_refunds') }} as refunds on claimed.order_key = refunds.order_key
    union all
    select
        members.group_key as match_key,
        'adjustment' as side,
        members.record_type,
        members.record_key,
        members.amount
    from {{ ref('int_matching__order_settlement_members') }} as members
    inner join claimed on members.group_key = claimed.group_key
    where members.is_fee

)

select * from int_matching__order_settlement_legs
