-- One row per settlement or settlement flow without a counterpart, with what it waits for.
with

in_scope as (

    select
        'settlement' as record_type,
        record_key,
        platform,
        account,
        business_date,
        received_on,
        abs(total_amount) as amount,
        -- without movements there is nothing to wait for: what is owed is carried into the next settlement
        total_amount <= 0
        and account not in (select place from {{ ref('int_ledger__scope') }} where fact = 'flow_account') as is_carried
    from {{ ref('int_ledger__settlements') }}
    union all
    select 'fund_flow' as record_type, record_key, platform, account, business_date, received_on, amount, false as is_carried
    from {{ ref('int_ledger__fund_flows') }}
    where category = 'settlement' and order_no is null

),

unclaimed as (

    select in_scope.*
    from in_scope
    left join {{ ref('int_matching__settlement_flow_legs') }} as legs
        on in_scope.record_type = legs.record_type and in_scope.record_key = legs.record_key
    where legs.record_key is null

),

lags as (

    select
        platform,
        wallet_lag_days,
        day_kind,
        row_number() over (partition by platform order by wallet_lag_days desc, rule_id) as rule_rank
    from {{ ref('int_ledger__settlement_rules') }}
    where trigger <> 'payout' and wallet_lag_days is not null

),

lagged as (

    select
        unclaimed.*,
        coalesce(lags.wallet_lag_days, 1) as lag_days,
        coalesce(lags.day_kind, 'calendar') as day_kind,
        coalesce(accounts.calendar, 'CN') as calendar
    from unclaimed
    left join lags on unclaimed.platform = lags.platform and lags.rule_rank = 1
    left join {{ ref('int_ledger__accounts') }} as accounts on unclaimed.account = accounts.account

),

-- a lag in working days ends on the open day that many open days later
working as (

    select lagged.record_type, lagged.record_key, min(ends.day) as lag_ends_on
    from lagged
    inner join {{ ref('int_ledger__calendar') }} as starts
        on lagged.calendar = starts.calendar and lagged.business_date = starts.day
    inner join {{ ref('int_ledger__calendar') }} as ends
        on
            lagged.calendar = ends.calendar
            and ends.is_open
            and ends.open_index = starts.open_index + lagged.lag_days
    where lagged.day_kind = 'working'
    group by lagged.record_type, lagged.record_key

),

-- two days of grace after the rule's lag
due as (

    select
        lagged.*,
        cast(coalesce(working.lag_ends_on, lagged.business_date + lagged.lag_days) + 2 as date) as due_on
    from lagged
    left join working on lagged.record_type = working.record_type and lagged.record_key = working.record_key

),

int_matching__settlement_flow_open as (

    select
        'settlement_flow' as level,
        record_type,
        record_key,
        case when record_type = 'settlement' then 'left' else 'right' end as side,
        case
            when is_carried then 'nothing_due' when record_type = 'settlement' then 'settlement_only' else 'flow_only'
        end as situation,
        record_key as group_key,
        amount,
        {{ run_variable('today') }} <= due_on as is_waiting,
        cast(due_on + 1 as date) as breaks_on,
        greatest(received_on, cast(due_on + 1 as date)) as evident_on
    from due

)

select * from int_matching__settlement_flow_open
