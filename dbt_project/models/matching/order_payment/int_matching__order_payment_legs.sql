-- One row per order or payment that a match of orders and payments claims.
with

groups as (

    select * from {{ ref('int_matching__order_payment_groups') }}

),

surplus as (

    select * from {{ ref('int_matching__order_payment_surplus') }}

),

-- a surplus group with one fitting kind of subset is matched on that subset, with none it differs, with more it is a tie
verdicts as (

    select
        groups.group_key,
        case
            when groups.class <> 'surplus' then groups.class
            when max(surplus.kind_count) is null then 'differs'
            when max(surplus.kind_count) = 1 then 'duplicate'
            else 'tie'
        end as verdict
    from groups
    left join surplus on groups.group_key = surplus.group_key
    group by groups.group_key, groups.class

),

int_matching__order_payment_legs as (

    select
        members.group_key as match_key,
        case when members.record_type = 'order' then 'left' else 'right' end as side,
        members.record_type,
        members.record_key,
        members.amount,
        verdicts.verdict
    from {{ ref('int_matching__order_payment_members') }} as members
    inner join verdicts on members.group_key = verdicts.group_key
    left join surplus on members.record_key = surplus.record_key and members.group_key = surplus.group_key
    where
        verdicts.verdict in ('agrees', 'differs', 'status_differs')
        or (verdicts.verdict = 'duplicate' and (members.record_type = 'order' or surplus.is_valid))

)

select * from int_matching__order_payment_legs
