-- One row per settlement or settlement flow without a counterpart, with what it waits for.
with

in_scope as (

    select 'settlement' as record_type, record_key, platform, business_date, received_on, abs(total_amount) as amount
    from {{ ref('int_ledger__settlements') }}
    union all
    select 'fund_flow' as record_type, record_key, platform, business_date, received_on, amount
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

    select platform, max(wallet_lag_days) as wallet_lag_days
    from {{ ref('int_ledger__settlement_rules') }}
    where trigger <> 'payout'
    group by platform

),

due as (

    select
        unclaimed.*,
        cast(unclaimed.business_date + coalesce(lags.wallet_lag_days, 1) + 2 as date) as due_on
    from unclaimed
    left join lags on unclaimed.platform = lags.platform

),

int_matching__settlement_flow_open as (

    select
        'settlement_flow' as level,
        record_type,
        record_key,
        case when record_type = 'settlement' then 'left' else 'right' end as side,
        case when record_type = 'settlement' then 'settlement_only' else 'flow_only' end as situation,
        record_key as group_key,
        amount,
        {{ run_variable('today') }} <= due_on as is_waiting,
        cast(due_on + 1 as date) as breaks_on,
        greatest(received_on, cast(due_on + 1 as date)) as evident_on
    from due

)

select * from int_matching__settlement_flow_open
