-- One row per order or payment that a match of orders and payments claims.
{{ config(materialized='view' if target.type == 'duckdb' else 'table') }}
with

{{ order_payment_verdicts('other_groups') }},

claimed as (

    select group_key, verdict from verdicts where verdict in ('agrees', 'differs', 'status_differs', 'duplicate')

),

other_legs as (

    select
        members.group_key as match_key,
        case when members.record_type = 'order' then 'left' else 'right' end as side,
        members.record_type,
        members.record_key,
        members.amount,
        claimed.verdict
    from {{ ref('int_matching__order_payment_others') }} as members
    inner join claimed on members.group_key = claimed.group_key
    -- of a duplicate payment only what fits is claimed
    left join {{ ref('int_matching__order_payment_surplus') }} as surplus
        on members.record_key = surplus.record_key and members.group_key = surplus.group_key
    where claimed.verdict <> 'duplicate' or members.record_type = 'order' or surplus.is_valid

),

int_matching__order_payment_legs as (

    select * from other_legs
    union all
    select
        group_key as match_key,
        case when record_type = 'order' then 'left' else 'right' end as side,
        record_type,
        record_key,
        amount,
        'agrees' as verdict
    from {{ ref('int_matching__order_payment_members') }}
    where is_plain

)

select * from int_matching__order_payment_legs
