-- One row per place, rule and pair of days between which money was on its way: how often, and how many days off the rule.
with

settled as (

    {% for relation, event_count in [
        (ref('int_exceptions__settled_lags'), '1'), (source('closed', 'lag_sums'), 'event_count'),
    ] %}
    select
        kind,
        place,
        account,
        rule_id,
        lag_days,
        calendar,
        started_on,
        arrived_on,
        {{ event_count }} as event_count
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- pairs that are only provisional prove no lag
credited as (

    select match_key, max(business_date) as arrived_on
    from {{ ref('int_matching__payout_bank_legs') }}
    where side = 'right' and pass <> 'P6'
    group by match_key

),

payouts as (

    select
        legs.record_key,
        legs.wallet,
        legs.platform,
        legs.store,
        accounts.calendar,
        legs.business_date as started_on,
        credited.arrived_on
    from {{ ref('int_matching__payout_bank_legs') }} as legs
    inner join credited on legs.match_key = credited.match_key
    left join {{ ref('int_ledger__accounts') }} as accounts on legs.bank_account = accounts.account
    where legs.side = 'left'

),

ranked_rules as (

    select
        payouts.record_key,
        rules.rule_id,
        rules.lag_days,
        rules.day_kind,
        row_number() over (
            partition by payouts.record_key
            order by
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end,
                rules.lag_days desc,
                rules.rule_id
        ) as rule_rank
    from payouts
    inner join {{ ref('int_ledger__settlement_rules') }} as rules
        on
            rules.trigger = 'payout'
            and (rules.store is null or rules.store = payouts.store)
            and (rules.platform is null or rules.platform = payouts.platform)
            and payouts.started_on between coalesce(rules.valid_from, payouts.started_on)
            and coalesce(rules.valid_to, payouts.started_on)

),

every_lag as (

    select * from settled
    union all
    select
        'payout' as kind,
        payouts.wallet as place,
        payouts.wallet as account,
        ranked_rules.rule_id,
        ranked_rules.lag_days,
        case when coalesce(ranked_rules.day_kind, 'working') = 'working' then payouts.calendar end as calendar,
        payouts.started_on,
        payouts.arrived_on,
        1 as event_count
    from payouts
    left join ranked_rules on payouts.record_key = ranked_rules.record_key and ranked_rules.rule_rank = 1

),

counted as (

    select
        kind,
        place,
        account,
        rule_id,
        lag_days,
        calendar,
        started_on,
        arrived_on,
        sum(event_count) as event_count
    from every_lag
    where arrived_on > {{ run_variable('today') }} - 300
    group by kind, place, account, rule_id, lag_days, calendar, started_on, arrived_on
    having sum(event_count) > 0

),

int_exceptions__lags as (

    select
        counted.*,
        -- where there is no rule, the lag itself
        coalesce(ends.open_index - starts.open_index, {{ days_from('counted.started_on', 'counted.arrived_on') }})
        - coalesce(counted.lag_days, 0) as days_off
    from counted
    left join {{ ref('int_ledger__calendar') }} as starts
        on counted.calendar = starts.calendar and counted.started_on = starts.day
    left join {{ ref('int_ledger__calendar') }} as ends
        on counted.calendar = ends.calendar and counted.arrived_on = ends.day

)

select * from int_exceptions__lags
