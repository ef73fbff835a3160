-- One row per order whose money came: the days between which it was on its way, and the rule that says how long.
with

-- from the event that starts the rule's lag to the first money for the order
int_exceptions__settled_lags as (

    select
        groups.order_key,
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

)

select * from int_exceptions__settled_lags
