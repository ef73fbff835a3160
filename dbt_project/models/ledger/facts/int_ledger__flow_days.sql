-- One row per account with movements and day: what moved, what was paid out of it, and the balances that the movements carry.
{{ config(
    materialized='incremental' if is_fed('fund_flows') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched_flow_days() }}" if is_fed('fund_flows') else [],
) }}
with

flows as (

    select flows.*
    from {{ ref('int_ledger__fund_flows_versions') }} as flows
    {% if is_incremental() %}
    inner join ({{ touched_flow_days() }}) as touched
        on flows.account = touched.account and flows.business_date = touched.day
    {% endif %}
    where flows.known_to is null

),

{{ balance_chain('flows', 'occurred_at') }},

int_ledger__flow_days as (

    select
        sums.account,
        sums.day,
        sums.currency,
        sums.entity,
        sums.in_amount,
        sums.out_amount,
        sums.payout_amount,
        chain.is_chain_broken,
        chain.opening_balance,
        chain.closing_balance
    from (
        select
            account,
            business_date as day,
            min(currency) as currency,
            min(entity) as entity,
            cast(sum(case when direction = 'in' then amount else 0 end) as decimal(18, 2)) as in_amount,
            cast(sum(case when direction = 'out' then amount else 0 end) as decimal(18, 2)) as out_amount,
            cast(sum(case when direction = 'out' and category = 'payout' then amount else 0 end) as decimal(18, 2))
                as payout_amount
        from flows
        group by account, business_date
    ) as sums
    left join chain on sums.account = chain.account and sums.day = chain.day

)

select * from int_ledger__flow_days
