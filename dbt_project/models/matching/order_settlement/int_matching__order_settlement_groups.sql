-- One row per order whose money the platform holds: what is due, since when, and what came.
with

members as (

    select * from {{ ref('int_matching__order_settlement_members') }}

),

came as (

    select
        group_key,
        count(case when record_type <> 'order' then 1 end) as line_count,
        count(case when record_type <> 'order' and not is_fee then 1 end) as money_count,
        count(case when record_type = 'order' then 1 end) as order_count,
        min(case when record_type = 'order' then record_key end) as order_key,
        min(entity) as entity,
        min(currency) as currency,
        min(case when record_type <> 'order' then account end) as account,
        min(case when record_type <> 'order' then business_date end) as first_line_date,
        min(case when record_type <> 'order' and not is_fee and amount > 0 then business_date end) as first_money_date,
        max(received_on) as received_on,
        cast(coalesce(sum(case when record_type <> 'order' and not is_fee then amount end), 0) as decimal(18, 2))
            as came_amount,
        cast(coalesce(sum(case when is_fee then -amount end), 0) as decimal(18, 2)) as fee_amount,
        cast(coalesce(sum(case when component = 'subsidy_clawback' then -amount end), 0) as decimal(18, 2))
            as clawed_amount
    from members
    group by group_key

),

refunded as (

    select
        order_key,
        cast(sum(amount) as decimal(18, 2)) as refund_amount,
        cast(sum(clawback_amount) as decimal(18, 2)) as clawback_amount,
        max(business_date) as last_refund_date
    from {{ ref('int_matching__order_refunds') }}
    group by order_key

),

rules as (

    select rule_id, platform, store, trigger, lag_days, day_kind, valid_from, valid_to
    from {{ ref('int_ledger__settlement_rules') }}
    where trigger <> 'payout'

),

-- the rule of the day on which the buyer paid
ranked_rules as (

    select
        came.group_key,
        rules.rule_id,
        rules.trigger,
        rules.lag_days,
        rules.day_kind,
        row_number() over (
            partition by came.group_key
            order by
                case when rules.store is not null then 0 else 1 end,
                case when rules.platform is not null then 0 else 1 end,
                rules.trigger,
                rules.lag_days
        ) as rule_rank
    from came
    inner join {{ ref('int_ledger__orders') }} as orders on came.order_key = orders.record_key
    inner join rules
        on
            coalesce(rules.platform, orders.platform) = orders.platform
            and coalesce(rules.store, orders.store) = orders.store
            and orders.business_date between coalesce(rules.valid_from, orders.business_date)
            and coalesce(rules.valid_to, orders.business_date)

),

triggered as (

    select
        came.group_key,
        ranked_rules.rule_id,
        coalesce(ranked_rules.lag_days, 0) as lag_days,
        coalesce(ranked_rules.day_kind, 'calendar') as day_kind,
        coalesce(accounts.calendar, 'CN') as calendar,
        case coalesce(ranked_rules.trigger, 'confirmed')
            when 'paid' then {{ day_of(['orders.paid_at']) }}
            when 'shipped' then {{ day_of(['orders.shipped_at']) }}
            when 'signed' then {{ day_of(['orders.signed_at']) }}
            else {{ day_of(['orders.confirmed_at']) }}
        end as triggered_on
    from came
    inner join {{ ref('int_ledger__orders') }} as orders on came.order_key = orders.record_key
    left join ranked_rules on came.group_key = ranked_rules.group_key and ranked_rules.rule_rank = 1
    left join {{ ref('int_ledger__stores') }} as stores on orders.store = stores.store
    left join {{ ref('int_ledger__accounts') }} as accounts on stores.settles_into = accounts.account

),

-- a lag in working days ends on the open day that many open days after the trigger
working as (

    select
        triggered.group_key,
        min(ends.day) as lag_ends_on
    from triggered
    inner join {{ ref('int_ledger__calendar') }} as starts
        on triggered.calendar = starts.calendar and triggered.triggered_on = starts.day
    inner join {{ ref('int_ledger__calendar') }} as ends
        on
            triggered.calendar = ends.calendar
            and ends.is_open
            and ends.open_index = starts.open_index + triggered.lag_days
    where triggered.day_kind = 'working'
    group by triggered.group_key

),

int_matching__order_settlement_groups as (

    select
        came.group_key,
        came.order_key,
        came.order_count,
        came.line_count,
        came.money_count,
        came.entity,
        orders.platform,
        orders.store,
        came.account,
        came.currency,
        coalesce(orders.business_date, came.first_line_date) as business_date,
        came.first_line_date,
        came.first_money_date,
        came.received_on,
        orders.order_no,
        orders.consideration,
        coalesce(refunded.refund_amount, 0) as refund_amount,
        coalesce(refunded.clawback_amount, 0) as clawback_amount,
        cast(
            coalesce(orders.consideration, 0) + coalesce(orders.tax_collected, 0) - coalesce(refunded.refund_amount, 0)
            - coalesce(refunded.clawback_amount, 0) as decimal(18, 2)
        ) as expected_amount,
        came.came_amount,
        came.fee_amount,
        came.clawed_amount,
        -- two days of grace after the rule's lag
        cast(coalesce(working.lag_ends_on, triggered.triggered_on + triggered.lag_days) + 2 as date) as due_on,
        cast(refunded.last_refund_date + 2 as date) as refund_due_on,
        -- what the lag is counted by
        triggered.rule_id,
        triggered.triggered_on,
        triggered.lag_days,
        triggered.day_kind,
        triggered.calendar
    from came
    left join {{ ref('int_ledger__orders') }} as orders on came.order_key = orders.record_key
    left join refunded on came.order_key = refunded.order_key
    left join triggered on came.group_key = triggered.group_key
    left join working on came.group_key = working.group_key

)

select * from int_matching__order_settlement_groups
