-- One row per settlement or settlement flow without a counterpart, with what it waits for.
with

unclaimed as (

    select records.*
    from {{ ref('int_matching__records') }} as records
    left join {{ ref('int_ledger__fund_flows') }} as flows
        on records.record_type = 'fund_flow' and records.record_key = flows.record_key
    left join {{ ref('int_matching__settlement_flow_legs') }} as legs
        on records.record_type = legs.record_type and records.record_key = legs.record_key
    where
        legs.record_key is null
        and (records.record_type = 'settlement' or (records.record_type = 'fund_flow' and flows.category = 'settlement' and flows.order_no is null))

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
