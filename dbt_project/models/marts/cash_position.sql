-- One row per account and day: its balance, and the money that has left a wallet for a bank and is not there yet.
with

balances as (

    select * from {{ ref('account_balances') }}

),

payouts as (

    select
        items.record_key,
        items.wallet as account,
        items.business_date as started_on,
        items.amount,
        arrivals.arrived_on,
        open_items.expected_on
    from {{ ref('int_matching__payout_bank_items') }} as items
    left join (
        select legs.record_key, max(others.business_date) as arrived_on
        from {{ ref('int_matching__payout_bank_legs') }} as legs
        inner join {{ ref('int_matching__payout_bank_legs') }} as others
            on legs.match_key = others.match_key and others.side = 'right'
        where legs.side = 'left'
        group by legs.record_key
    ) as arrivals on items.record_key = arrivals.record_key
    left join {{ ref('int_matching__payout_bank_open') }} as open_items
        on open_items.record_type = 'payout' and items.record_key = open_items.record_key
    where items.record_type = 'payout'

),

in_transit as (

    select
        balances.account,
        balances.day,
        sum(payouts.amount) as in_transit_amount,
        min(payouts.expected_on) as expected_on
    from balances
    inner join payouts
        on
            balances.account = payouts.account
            and payouts.started_on <= balances.day
            and (payouts.arrived_on is null or payouts.arrived_on > balances.day)
    group by balances.account, balances.day

)

select
    balances.account,
    balances.day,
    balances.entity,
    balances.opening_balance,
    balances.in_amount,
    balances.out_amount,
    balances.closing_balance,
    cast(coalesce(in_transit.in_transit_amount, 0) as decimal(18, 2)) as in_transit_amount,
    in_transit.expected_on,
    balances.currency,
    case
        when balances.difference is null then 'unproven'
        when balances.difference <> 0 then 'broken'
        when in_transit.in_transit_amount > 0 then 'in_transit'
        else 'balanced'
    end as status
from balances
left join in_transit on balances.account = in_transit.account and balances.day = in_transit.day
