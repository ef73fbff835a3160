-- One row per payment or wallet flow that a match of the two claims, and one per fee the channel says it kept.
with

members as (

    select
        *,
        count(case when record_type = 'payment' then 1 end) over (partition by group_key) as payment_count,
        count(case when record_type = 'fund_flow' then 1 end) over (partition by group_key) as flow_count
    from {{ ref('int_matching__payment_flow_members') }}

),

claimed as (

    select * from members where payment_count > 0 and flow_count > 0

),

int_matching__payment_flow_legs as (

    select
        group_key as match_key,
        case when record_type = 'payment' then 'left' else 'right' end as side,
        record_type,
        record_key,
        gross_amount as amount,
        business_date,
        received_on
    from claimed
    union all
    select
        group_key as match_key,
        'adjustment' as side,
        record_type,
        record_key,
        -fee_amount as amount,
        business_date,
        received_on
    from claimed
    where fee_amount <> 0

)

select * from int_matching__payment_flow_legs
