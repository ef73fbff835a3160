-- One row per account and day: what it opened with, what moved, and whether that leads to the balance the source states.
with

flow_days as (

    select
        account,
        business_date as day,
        min(currency) as currency,
        min(entity) as entity,
        sum(case when direction = 'in' then amount else 0 end) as in_amount,
        sum(case when direction = 'out' then amount else 0 end) as out_amount
    from {{ ref('int_ledger__fund_flows') }}
    group by account, business_date

),

flow_order as (

    select
        account,
        business_date as day,
        balance,
        signed_amount,
        row_number() over (partition by account, business_date order by occurred_at, row_number, record_key) as first_place,
        row_number() over (
            partition by account, business_date order by occurred_at desc, row_number desc, record_key desc
        ) as last_place
    from {{ ref('int_ledger__fund_flows') }}
    where balance is not null

),

flow_balances as (

    select
        account,
        day,
        max(case when first_place = 1 then balance - signed_amount end) as opening_balance,
        max(case when last_place = 1 then balance end) as closing_balance
    from flow_order
    group by account, day

),

bank_days as (

    select
        account,
        business_date as day,
        min(currency) as currency,
        min(entity) as entity,
        sum(case when direction = 'in' then amount else 0 end) as in_amount,
        sum(case when direction = 'out' then amount else 0 end) as out_amount
    from {{ ref('int_ledger__bank_lines') }}
    group by account, business_date

),

statements as (

    select
        account,
        day,
        min(currency) as currency,
        min(entity) as entity,
        min(opening_balance) as opening_balance,
        max(closing_balance) as closing_balance
    from {{ ref('int_ledger__statements') }}
    where
        is_current and account is not null and closing_balance is not null and refused_reason is null
        and stream in ('bank_lines', 'fund_flows')
    group by account, day

),

moved as (

    select * from flow_days
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
        coalesce(statements.opening_balance, flow_balances.opening_balance) as stated_opening_balance,
        coalesce(statements.closing_balance, flow_balances.closing_balance) as stated_closing_balance
    from moved
    full outer join statements on moved.account = statements.account and moved.day = statements.day
    left join flow_balances
        on
            coalesce(moved.account, statements.account) = flow_balances.account
            and coalesce(moved.day, statements.day) = flow_balances.day

),

-- a day opens with what the day before closed with, by the source's own word
opened as (

    select
        *,
        coalesce(
            lag(stated_closing_balance) over (partition by account order by day), stated_opening_balance, 0
        ) as opening_balance
    from days

)

select
    account,
    day,
    entity,
    currency,
    cast(opening_balance as decimal(18, 2)) as opening_balance,
    cast(in_amount as decimal(18, 2)) as in_amount,
    cast(out_amount as decimal(18, 2)) as out_amount,
    cast(opening_balance + in_amount - out_amount as decimal(18, 2)) as closing_balance,
    cast(stated_closing_balance as decimal(18, 2)) as stated_closing_balance,
    cast(stated_closing_balance - (opening_balance + in_amount - out_amount) as decimal(18, 2)) as difference
from opened
