-- One row per wallet that pays out to a bank and day: whether what it credited up to that day has reached the bank.
with

-- wallets pay out first in, first out
balances as (

    select
        account,
        day,
        sum(in_amount - (out_amount - payout_amount)) over (
            partition by account order by day rows between unbounded preceding and current row
        ) as credited_amount
    from {{ ref('int_ledger__flow_days') }}

),

banked as (

    select wallet as account, sum(amount) as banked_amount
    from {{ ref('int_matching__payout_bank_legs') }}
    where side = 'left'
    group by wallet

),

int_matching__paid_days as (

    select
        balances.account,
        balances.day,
        coalesce(balances.credited_amount <= banked.banked_amount, false) as is_paid_out
    from balances
    inner join {{ ref('int_ledger__scope') }} as wallets
        on wallets.fact = 'paying_wallet' and balances.account = wallets.place
    left join banked on balances.account = banked.account

)

select * from int_matching__paid_days
