-- One row per bank account and day, week or month: the statement's balance, what is on its way, and the books' balance (余额调节表).
with

banks as (

    select account from {{ ref('int_ledger__accounts') }} where kind = 'bank'

),

balances as (

    select
        balances.account,
        balances.day,
        balances.entity,
        balances.currency,
        balances.closing_balance,
        balances.stated_closing_balance is not null as is_stated,
        coalesce(balances.difference, 0) as difference
    from {{ ref('account_balances') }} as balances
    inner join banks on balances.account = banks.account

),

lines as (

    select
        case when statement_lines.side = 'left' then items.bank_account else statement_lines.account end as account,
        case
            when statement_lines.side = 'left' then 'in_transit'
            when statement_lines.amount > 0 then 'bank_only_in'
            else 'bank_only_out'
        end as kind,
        abs(statement_lines.amount) as amount,
        statement_lines.started_on,
        statement_lines.matched_on
    from {{ ref('statement_lines') }} as statement_lines
    left join {{ ref('int_matching__payout_bank_items') }} as items
        on
            statement_lines.record_type = items.record_type
            and statement_lines.record_key = items.record_key
    where statement_lines.level = 'payout_bank'

),

moves as (

    select account, started_on as day, kind, amount from lines
    union all
    select account, matched_on as day, kind, -amount as amount from lines where matched_on is not null

),

moved as (

    select
        account,
        day,
        {% for kind in ['in_transit', 'bank_only_in', 'bank_only_out'] %}
        sum(case when kind = '{{ kind }}' then amount else 0 end) as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from moves
    group by account, day

),

days as (

    select
        coalesce(balances.account, moved.account) as account,
        coalesce(balances.day, moved.day) as day,
        balances.entity,
        balances.currency,
        balances.closing_balance,
        balances.is_stated,
        balances.difference,
        case when balances.account is not null then balances.day end as balance_on,
        {% for kind in ['in_transit', 'bank_only_in', 'bank_only_out'] %}
        coalesce(moved.{{ kind }}, 0) as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from balances
    full outer join moved on balances.account = moved.account and balances.day = moved.day

),

standing as (

    select
        account,
        day,
        {% for column in ['entity', 'currency', 'closing_balance', 'is_stated', 'difference', 'balance_on'] %}
        {{ last_known(column) }} over so_far as {{ column }},
        {% endfor %}
        {% for kind in ['in_transit', 'bank_only_in', 'bank_only_out'] %}
        sum({{ kind }}) over so_far as {{ kind }}{{ ',' if not loop.last }}
        {% endfor %}
    from days
    window so_far as (partition by account order by day rows between unbounded preceding and current row)

),

kinds as (

    select 'day' as period_kind union all select 'week' as period_kind union all select 'month' as period_kind

),

{{ period_calendar() }}

placed as (

    select
        standing.*,
        kinds.period_kind,
        case kinds.period_kind
            when 'day' then standing.day when 'week' then calendar.week_start else calendar.month_start
        end as period_start,
        cast(case kinds.period_kind
            when 'day' then standing.day when 'week' then calendar.week_start + 6 else calendar.month_end
        end as date) as period_end
    from standing
    inner join calendar on standing.day = calendar.day
    cross join kinds
    where standing.balance_on is not null

),

-- a period ends as its last day does
ended as (

    select
        *,
        row_number() over (partition by account, period_kind, period_start order by day desc) as days_to_end
    from placed

)

select
    account,
    entity,
    currency,
    period_kind,
    case period_kind
        when 'day' then cast(period_start as string)
        when 'week' then cast(period_start as string) || '/' || cast(period_end as string)
        else {{ period_of('period_start') }}
    end as period,
    period_start,
    period_end,
    balance_on,
    cast(closing_balance as decimal(18, 2)) as statement_balance,
    is_stated,
    cast(in_transit as decimal(18, 2)) as in_transit_amount,
    cast(closing_balance + in_transit as decimal(18, 2)) as adjusted_balance,
    cast(bank_only_in as decimal(18, 2)) as bank_only_in_amount,
    cast(bank_only_out as decimal(18, 2)) as bank_only_out_amount,
    cast(closing_balance + in_transit - bank_only_in + bank_only_out as decimal(18, 2)) as book_balance,
    cast(difference as decimal(18, 2)) as difference
from ended
where days_to_end = 1
