-- One row per day, entity, store, account and control: both sides, what waits, what is broken.
with

-- of open threads part by part, of closed ones by their sums
parts as (

    {% for relation, parts in [
        (ref('int_exceptions__control_parts'), '1'), (source('closed', 'control_sums'), 'parts'),
    ] %}
    select
        day,
        entity,
        store,
        account,
        control,
        currency,
        left_amount,
        right_amount,
        timing_out,
        timing_in,
        exception_amount,
        false as is_incomplete,
        {{ parts }} as parts
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- counts: what the bill states and what it holds
bills as (

    select
        day,
        entity,
        cast(null as string) as store,
        account,
        'C00' as control,
        currency,
        sum(coalesce(stated_row_count, row_count, 0)) as left_amount,
        sum(coalesce(row_count, stated_row_count, 0)) as right_amount,
        0 as timing_out,
        0 as timing_in,
        0 as exception_amount,
        bool_or(refused_reason is not null) as is_incomplete,
        1 as parts
    from {{ ref('int_ledger__statements') }}
    where is_current and day is not null
    group by day, entity, account, currency

),

missing_bills as (

    select
        business_date as day,
        entity,
        store,
        account,
        'C00' as control,
        currency,
        0 as left_amount,
        0 as right_amount,
        0 as timing_out,
        0 as timing_in,
        0 as exception_amount,
        true as is_incomplete,
        1 as parts
    from {{ ref('int_exceptions__all') }}
    where code in ('E001', 'E002') and status not in ('timing', 'cleared')

),

balances as (

    select
        balances.day,
        balances.entity,
        cast(null as string) as store,
        balances.account,
        case accounts.kind when 'ads' then 'C18' when 'deposit' then 'C19' else 'C09' end as control,
        balances.currency,
        balances.closing_balance as left_amount,
        coalesce(balances.stated_closing_balance, balances.closing_balance) as right_amount,
        0 as timing_out,
        0 as timing_in,
        abs(coalesce(balances.difference, 0)) as exception_amount,
        false as is_incomplete,
        1 as parts
    from {{ ref('account_balances') }} as balances
    left join {{ ref('int_ledger__accounts') }} as accounts on balances.account = accounts.account

),

controls as (

    {% for part in ['parts', 'bills', 'missing_bills', 'balances'] %}
    select * from {{ part }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        day,
        entity,
        store,
        account,
        control,
        currency,
        sum(left_amount) as left_amount,
        sum(right_amount) as right_amount,
        sum(timing_out) as timing_out,
        sum(timing_in) as timing_in,
        sum(exception_amount) as exception_amount,
        bool_or(is_incomplete) as is_incomplete
    from controls
    group by day, entity, store, account, control, currency
    having sum(parts) > 0

),

-- an account-day whose own bill is missing or contradicts itself concludes nothing
incomplete_days as (

    select distinct account, day from {{ ref('int_matching__account_days') }} where not is_complete

)

select
    summed.day,
    summed.entity,
    summed.store,
    summed.account,
    summed.control,
    summed.currency,
    cast(summed.left_amount as decimal(18, 2)) as left_amount,
    cast(summed.right_amount as decimal(18, 2)) as right_amount,
    cast(summed.right_amount - summed.left_amount as decimal(18, 2)) as difference,
    cast(summed.timing_out as decimal(18, 2)) as timing_out,
    cast(summed.timing_in as decimal(18, 2)) as timing_in,
    cast(summed.exception_amount as decimal(18, 2)) as exception_amount,
    case
        when summed.is_incomplete or incomplete_days.account is not null then 'incomplete'
        when summed.exception_amount <> 0 then 'broken'
        when summed.timing_out <> 0 or summed.timing_in <> 0 then 'timing'
        else 'balanced'
    end as status
from summed
left join incomplete_days on summed.account = incomplete_days.account and summed.day = incomplete_days.day
