-- One row per account and day: what it opened with, what moved, and whether that leads to the balance the source states.
with

flow_days as (

    select * from {{ ref('int_ledger__flow_days') }}

),

bank_lines as (

    select * from {{ ref('int_ledger__bank_lines') }}

),

{{ balance_chain('bank_lines', 'booked_at') }},

bank_days as (

    select
        account,
        business_date as day,
        min(currency) as currency,
        min(entity) as entity,
        sum(case when direction = 'in' then amount else 0 end) as in_amount,
        sum(case when direction = 'out' then amount else 0 end) as out_amount
    from bank_lines
    group by account, business_date

),

-- a day of several pages opens with its first and closes with its last
statements as (

    select
        account,
        day,
        min(currency) as currency,
        min(entity) as entity,
        {{ first_in_order('opening_balance', 'file_id, statement_index') }} filter (where opening_balance is not null) as opening_balance,
        {{ last_in_order('closing_balance', 'file_id, statement_index') }} as closing_balance
    from {{ ref('int_ledger__statements') }}
    where
        is_current and account is not null and closing_balance is not null and refused_reason is null
        and stream in ('bank_lines', 'fund_flows')
    group by account, day

),

-- an account that has both, movements and statement lines, would show both here: no source delivers it so
chains as (

    select account, day, is_chain_broken, opening_balance, closing_balance from flow_days
    union all
    select account, day, is_chain_broken, opening_balance, closing_balance from chain

),

moved as (

    select account, day, currency, entity, in_amount, out_amount from flow_days
    union all
    select * from bank_days

),

days as (

    select
        coalesce(moved.account, statements.account) as account,
        coalesce(moved.day, statements.day) as day,
        coalesce(moved.currency, statements.currency) as currency,
        coalesce(moved.entity, statements.entity) as entity,
        coalesce(moved.in_amount, 0) as in_amount,
        coalesce(moved.out_amount, 0) as out_amount,
        chains.is_chain_broken,
        coalesce(statements.opening_balance, chains.opening_balance) as stated_opening_balance,
        coalesce(statements.closing_balance, chains.closing_balance) as stated_closing_balance
    from moved
    full outer join statements on moved.account = statements.account and moved.day = statements.day
    left join chains
        on
            coalesce(moved.account, statements.account) = chains.account
            and coalesce(moved.day, statements.day) = chains.day

),

moving as (

    select
        *,
        sum(in_amount - out_amount) over (
            partition by account order by day rows between unbounded preceding and current row
        ) as moved_amount
    from days

),

-- what the source states of a day fixes the balances of the days after it that it leaves out
fixed as (

    select
        *,
        coalesce(
            stated_closing_balance - moved_amount, stated_opening_balance - (moved_amount - in_amount + out_amount)
        ) as base_amount
    from moving

),

-- a day opens with what the day before closed with, by the source's own word where there is one
opened as (

    select
        *,
        coalesce(
            {{ last_known('base_amount') }} over (
                partition by account order by day rows between unbounded preceding and 1 preceding
            ) + moved_amount - in_amount + out_amount,
            stated_opening_balance,
            moved_amount - in_amount + out_amount
        ) as opening_balance
    from fixed

),

int_matching__account_balances as (

    select
        account,
        day,
        entity,
        currency,
        cast(opening_balance as decimal(18, 2)) as opening_balance,
        cast(in_amount as decimal(18, 2)) as in_amount,
        cast(out_amount as decimal(18, 2)) as out_amount,
        cast(opening_balance + in_amount - out_amount as decimal(18, 2)) as closing_balance,
        cast(stated_opening_balance as decimal(18, 2)) as stated_opening_balance,
        cast(stated_closing_balance as decimal(18, 2)) as stated_closing_balance,
        cast(stated_closing_balance - (opening_balance + in_amount - out_amount) as decimal(18, 2)) as difference,
        coalesce(is_chain_broken, false) as is_chain_broken
    from opened

)

select * from int_matching__account_balances
