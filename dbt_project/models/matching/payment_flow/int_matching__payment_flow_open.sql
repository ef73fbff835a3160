-- One row per payment or wallet flow in scope that found no counterpart, with what it waits for.
with

unclaimed as (

    select members.*
    from {{ ref('int_matching__payment_flow_members') }} as members
    left join {{ ref('int_matching__payment_flow_legs') }} as legs
        on
            members.record_type = legs.record_type
            and members.record_key = legs.record_key
            and legs.side <> 'adjustment'
    where legs.record_key is null

),

-- the other side's bills of the day and the next must be complete before anything is concluded
needed as (

    select
        unclaimed.record_type,
        unclaimed.record_key,
        bool_and(coalesce(account_days.is_complete, false)) as is_complete,
        max(account_days.complete_on) as complete_on
    from unclaimed
    cross join (select 0 as number union all select 1 as number) as days
    inner join (
        select distinct account, record_type from {{ ref('int_matching__account_days') }}
    ) as bill_accounts
        on
            unclaimed.account = bill_accounts.account
            and bill_accounts.record_type <> unclaimed.record_type
            and bill_accounts.record_type in ('payment', 'fund_flow')
    left join {{ ref('int_matching__account_days') }} as account_days
        on
            bill_accounts.account = account_days.account
            and bill_accounts.record_type = account_days.record_type
            and account_days.day = unclaimed.business_date + days.number
    group by unclaimed.record_type, unclaimed.record_key

),

int_matching__payment_flow_open as (

    select
        'payment_flow' as level,
        unclaimed.record_type,
        unclaimed.record_key,
        case when unclaimed.record_type = 'payment' then 'left' else 'right' end as side,
        case when unclaimed.record_type = 'payment' then 'payment_only' else 'flow_only' end as situation,
        unclaimed.group_key,
        abs(unclaimed.gross_amount) as amount,
        not coalesce(needed.is_complete, {{ run_variable('today') }} > unclaimed.business_date + 1) as is_waiting,
        cast(greatest(
            unclaimed.business_date + 2,
            case
                when coalesce(needed.is_complete, true) then unclaimed.business_date + 2
                else {{ run_variable('today') }} + 1
            end
        ) as date) as breaks_on,
        greatest(
            unclaimed.received_on, coalesce(needed.complete_on, cast(unclaimed.business_date + 2 as date))
        ) as evident_on
    from unclaimed
    left join needed
        on unclaimed.record_type = needed.record_type and unclaimed.record_key = needed.record_key

)

select * from int_matching__payment_flow_open
