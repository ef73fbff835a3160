-- One row per connection and day of receipt or of its bill: how far the source agrees with itself, before it meets others.
with

-- of what was asked for again only the newest answer counts
answers as (

    select
        connection,
        source,
        entity,
        platform,
        store,
        account,
        day,
        count(case when status = 'arrived' then 1 end) as files,
        count(stated_rows) as stated_totals,
        count(refused_reason) as refused,
        count(case when status = 'missing' then 1 end) as missing
    from {{ ref('int_ledger__files') }}
    where day is not null and (window_start is null or answer_rank = 1) and connection not in ('_rules', '_settings', '_decisions')
    group by connection, source, entity, platform, store, account, day

),

balances as (

    select account, day, 1 as stated_balances
    from {{ ref('int_matching__account_balances') }}
    where stated_closing_balance is not null

),

-- what a source says against itself: totals, running balances, batches; and what it leaves unclear
findings as (

    select
        coalesce(found.connection, connections.connection) as connection,
        found.business_date as day,
        count(case when found.code in ('E301', 'E302', 'E305') then 1 end) as contradictions,
        count(case when found.code in ('E004', 'E005', 'E006') then 1 end) as doubts
    from {{ ref('int_exceptions__all') }} as found
    left join {{ ref('int_ledger__connections') }} as connections
        on case when found.connection is null then found.account end = connections.account
    where found.status not in ('timing', 'cleared') and found.code in ('E004', 'E005', 'E006', 'E301', 'E302', 'E305')
    group by coalesce(found.connection, connections.connection), found.business_date

),

set_aside as (

    select connection, day, sum(rows_quarantined) as quarantined
    from {{ ref('int_ledger__conservation_inputs') }}
    where stage = 'staged' or (stage = 'landed' and rows_out > 0)
    group by connection, day

),

judged as (

    select
        answers.*,
        coalesce(balances.stated_balances, 0) as stated_balances,
        coalesce(findings.contradictions, 0) as contradictions,
        coalesce(findings.doubts, 0) as doubts,
        coalesce(set_aside.quarantined, 0) as quarantined
    from answers
    left join balances on answers.account = balances.account and answers.day = balances.day
    left join findings on answers.connection = findings.connection and answers.day = findings.day
    left join set_aside on answers.connection = set_aside.connection and answers.day = set_aside.day

)

select
    day,
    connection,
    source,
    entity,
    platform,
    store,
    account,
    case
        when missing + refused + contradictions > 0 then 'D'
        when doubts + quarantined > 0 then 'C'
        when stated_totals + stated_balances = 0 then 'B'
        else 'A'
    end as grade,
    cast(files as integer) as files,
    cast(stated_totals as integer) as stated_totals,
    cast(stated_balances as integer) as stated_balances,
    cast(missing as integer) as missing,
    cast(refused as integer) as refused,
    cast(contradictions as integer) as contradictions,
    cast(doubts as integer) as doubts,
    cast(quarantined as bigint) as quarantined
from judged
