-- One row per order or settlement whose money came: the days between which it was on its way, and the rule that says how long.
with

-- the wallet was credited for a settlement on the last of these days
credited as (

    select legs.match_key, max(flows.business_date) as arrived_on
    from {{ ref('int_matching__settlement_flow_legs') }} as legs
    inner join {{ ref('int_ledger__fund_flows') }} as flows on legs.record_key = flows.record_key
    where legs.record_type = 'fund_flow'
    group by legs.match_key

),

settlements as (

    select
        settlements.record_key,
        settlements.platform,
        settlements.store,
        settlements.account,
        accounts.calendar,
        settlements.business_date as started_on,
        credited.arrived_on
    from {{ ref('int_matching__settlement_flow_legs') }} as legs
    inner join credited on legs.match_key = credited.match_key
    inner join {{ ref('int_ledger__settlements') }} as settlements on legs.record_key = settlements.record_key
    left join {{ ref('int_ledger__accounts') }} as accounts on settlements.account = accounts.account
    where legs.record_type = 'settlement'

),

ranked_rules as (

    select
        settlements.record_key,
        rules.rule_id,
        rules.wallet_lag_days,
        rules.day_kind,
        row_number() over (
            partition by settlements.record_key
            order by
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end,
                rules.wallet_lag_days desc,
                rules.rule_id
        ) as rule_rank
    from settlements
    inner join {{ ref('int_ledger__settlement_rules') }} as rules
        on
            rules.trigger <> 'payout'
            and rules.wallet_lag_days is not null
            and (rules.store is null or rules.store = settlements.store)
            and (rules.platform is null or rules.platform = settlements.platform)
            and settlements.started_on between coalesce(rules.valid_from, settlements.started_on)
            and coalesce(rules.valid_to, settlements.started_on)

),

int_exceptions__settled_lags as (

    -- from the event that starts the rule's lag to the first money for the order
    select
        'order' as record_type,
        groups.order_key as record_key,
        'settlement' as kind,
        groups.store as place,
        stores.settles_into as account,
        groups.rule_id,
        case when groups.rule_id is not null then groups.lag_days end as lag_days,
        case when groups.day_kind = 'working' then groups.calendar end as calendar,
        groups.triggered_on as started_on,
        groups.first_money_date as arrived_on
    from {{ ref('int_matching__order_settlement_groups') }} as groups
    left join {{ ref('int_ledger__stores') }} as stores on groups.store = stores.store
    where groups.order_count = 1 and groups.triggered_on is not null and groups.first_money_date is not null
    union all
    -- from the bill day to the credit of the wallet
    select
        'settlement' as record_type,
        settlements.record_key,
        'credit' as kind,
        settlements.store as place,
        settlements.account,
        ranked_rules.rule_id,
        ranked_rules.wallet_lag_days as lag_days,
        case when ranked_rules.day_kind = 'working' then coalesce(settlements.calendar, 'CN') end as calendar,
        settlements.started_on,
        settlements.arrived_on
    from settlements
    left join ranked_rules on settlements.record_key = ranked_rules.record_key and ranked_rules.rule_rank = 1

)

select * from int_exceptions__settled_lags
