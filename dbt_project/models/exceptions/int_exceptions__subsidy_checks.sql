-- One row per settled order with a platform's subsidy, of a shop whose settlements or wallet show it: due and credited.
with

settled as (

    select
        groups.group_key,
        groups.order_key,
        groups.entity,
        groups.store,
        groups.account,
        groups.currency,
        groups.business_date,
        groups.refund_amount,
        groups.clawback_amount,
        orders.platform_subsidy - groups.clawback_amount as due_amount,
        -- it may come after the goods, and go back after the refund
        coalesce(greatest(groups.due_on, groups.refund_due_on) >= {{ run_variable('today') }}, false) as is_waiting
    from {{ ref('int_matching__order_settlement_groups') }} as groups
    inner join {{ ref('int_ledger__orders') }} as orders on groups.order_key = orders.record_key
    inner join {{ ref('int_ledger__scope') }} as showing
        on showing.fact = 'subsidy_store' and groups.store = showing.place
    where groups.order_count = 1 and groups.money_count > 0

),

lines as (

    select
        group_key,
        sum(case when component <> 'refund' then amount else 0 end) as shown_amount,
        sum(case when component = 'refund' then -amount else 0 end) as taken_amount
    from {{ ref('int_matching__order_settlement_members') }}
    where record_type <> 'order' and component in ('platform_subsidy', 'subsidy_clawback', 'refund')
    group by group_key

),

-- a refund before the settlement may be shown as one sum with the subsidy that goes back with it
credited as (

    select
        settled.*,
        coalesce(lines.shown_amount, 0)
        - least(
            greatest(coalesce(lines.taken_amount, 0) - settled.refund_amount, 0), settled.clawback_amount
        ) as credited_amount
    from settled
    left join lines on settled.group_key = lines.group_key

),

int_exceptions__subsidy_checks as (

    select
        credited.order_key,
        credited.entity,
        credited.store,
        credited.account,
        credited.currency,
        credited.business_date,
        cast(credited.due_amount as decimal(18, 2)) as due_amount,
        cast(credited.credited_amount as decimal(18, 2)) as credited_amount,
        cast(credited.credited_amount - credited.due_amount as decimal(18, 2)) as difference,
        abs(credited.credited_amount - credited.due_amount) > parameters.fee_tol_txn as is_beyond,
        credited.is_waiting
    from credited
    cross join {{ ref('int_ledger__parameters') }} as parameters
    where credited.due_amount <> 0 or credited.credited_amount <> 0

)

select * from int_exceptions__subsidy_checks
