-- One row per payout or bank credit in scope, on the bank account where they must meet, and what people did with it.
with

accounts as (

    select * from {{ ref('int_ledger__accounts') }}

),

payouts as (

    select
        payouts.*,
        -- what a source shows of the bank is often only the end of a number: it counts where it names an account of ours
        coalesce(banks.account, accounts.pays_out_to) as paid_into,
        accounts.calendar
    from {{ ref('int_ledger__payouts') }} as payouts
    inner join accounts on payouts.account = accounts.account
    left join accounts as banks on payouts.bank_account = banks.account
    where payouts.status in ('in_transit', 'paid')

),

in_scope as (

    select
        'payout' as record_type,
        record_key,
        entity,
        platform,
        store,
        account as wallet,
        paid_into as bank_account,
        coalesce(bank_currency, currency) as currency,
        business_date,
        initiated_at as happened_at,
        received_on,
        cast(
            coalesce(
                bank_amount,
                case
                    when bank_currency <> currency and fx_rate is not null
                        then {{ half_up('(amount - coalesce(fee, 0)) * fx_rate') }}
                end,
                amount - coalesce(fee, 0)
            ) as decimal(18, 2)
        ) as amount,
        payout_no as number,
        bank_reference as other_number,
        cast(null as string) as remark
    from payouts
    union all
    select
        'bank_line' as record_type,
        record_key,
        entity,
        platform,
        store,
        cast(null as string) as wallet,
        account as bank_account,
        currency,
        business_date,
        booked_at as happened_at,
        received_on,
        amount,
        bank_reference as number,
        line_no as other_number,
        remark
    from {{ ref('int_ledger__bank_lines') }}
    where direction = 'in'

),

int_matching__payout_bank_items as (

    select in_scope.*, by_hand.by_hand
    from in_scope
    {{ joined_by_hand('payout_bank', 'in_scope', 'in_scope.record_type') }}

)

select * from int_matching__payout_bank_items
