-- One row per payout that no settlement names, of the amount of one that has just paid a settlement, of a silent wallet.
with

payouts as (

    select * from {{ ref('int_ledger__payouts') }}
    where
        status in ('in_transit', 'paid')
        -- where the wallet shows its movements, its balance tells
        and account not in (select place from {{ ref('int_ledger__scope') }} where fact = 'flow_account')

),

settlements as (

    select
        settlements.payout_no,
        settlements.currency,
        coalesce(settlements.account, stores.settles_into) as wallet
    from {{ ref('int_ledger__settlements') }} as settlements
    left join {{ ref('int_ledger__stores') }} as stores on settlements.store = stores.store

),

named as (

    select payouts.record_key, payouts.account, payouts.currency, payouts.amount, payouts.business_date, payouts.payout_no
    from payouts
    inner join settlements
        on
            payouts.account = settlements.wallet
            and payouts.currency = settlements.currency
            and payouts.payout_no = settlements.payout_no
    group by
        payouts.record_key, payouts.account, payouts.currency, payouts.amount, payouts.business_date, payouts.payout_no

),

int_matching__settlement_repeats as (

    select
        payouts.record_key,
        payouts.amount,
        payouts.received_on,
        min(others.payout_no) as other_no
    from payouts
    left join named on payouts.record_key = named.record_key
    inner join named as others
        on
            payouts.account = others.account
            and payouts.currency = others.currency
            and payouts.amount = others.amount
    where
        named.record_key is null
        and abs({{ days_from('others.business_date', 'payouts.business_date') }}) <= 15
    group by payouts.record_key, payouts.amount, payouts.received_on

)

select * from int_matching__settlement_repeats
