-- One row per entity, month and item of the close: done, open with how many and how much, or not applicable, and why.
with

months as (

    select entity, period, period_start, period_end, state, statements from {{ ref('periods') }}

),

exceptions as (

    select
        months.entity,
        months.period,
        exceptions.severity,
        exceptions.owner,
        exceptions.assignee,
        exceptions.amount
    from months
    inner join {{ ref('int_exceptions__all') }} as exceptions
        on months.entity = exceptions.entity and exceptions.business_date <= months.period_end
    where exceptions.status not in ('timing', 'cleared')

),

days as (

    select months.entity, months.period, daily.control, daily.status, daily.exception_amount
    from months
    inner join {{ ref('daily_reconciliation') }} as daily
        on months.entity = daily.entity and daily.day between months.period_start and months.period_end

),

items_open as (

    select months.entity, months.period, open_items.level, open_items.amount, open_items.status,
        {{ days_from('open_items.business_date', 'months.period_end') }} as age_days
    from months
    inner join {{ ref('open_items') }} as open_items
        on months.entity = open_items.entity and open_items.business_date <= months.period_end

),

banks as (

    select
        months.entity,
        months.period,
        case when reconciled.is_stated and reconciled.difference = 0 then 0 else 1 end as is_open
    from months
    inner join {{ ref('int_ledger__accounts') }} as accounts
        on months.entity = accounts.entity and accounts.kind = 'bank'
    left join {{ ref('bank_reconciliation') }} as reconciled
        on
            accounts.account = reconciled.account
            and months.period = reconciled.period
            and reconciled.period_kind = 'month'

),

proposals as (

    select count(*) as waiting from {{ ref('int_ledger__decisions') }} where state = 'proposed'

),

-- items whose data is there: how many are looked at, and what of them is open
counted as (

    select entity, period, 'bills_present' as item, count(*) as seen,
        sum(case when status = 'incomplete' then 1 else 0 end) as open_count, cast(0 as decimal(18, 2)) as open_amount
    from days
    where control = 'C00'
    group by entity, period
    {% for item, condition, opened in [
        ('no_s1_open', "severity = 'S1'", 'true'),
        ('s2_have_owner', "severity = 'S2'", 'owner is null and assignee is null'),
    ] %}
    union all
    select months.entity, months.period, '{{ item }}' as item, 1 as seen,
        coalesce(sum(case when {{ condition }} and ({{ opened }}) then 1 else 0 end), 0) as open_count,
        coalesce(sum(case when {{ condition }} and ({{ opened }}) then exceptions.amount else 0 end), 0) as open_amount
    from months
    left join exceptions on months.entity = exceptions.entity and months.period = exceptions.period
    group by months.entity, months.period
    {% endfor %}
    {% for item, control in [('balances_agree', 'C09'), ('receivables_agree', 'C10'), ('books_agree', 'C20')] %}
    union all
    select entity, period, '{{ item }}' as item, count(*) as seen,
        sum(case when status in ('broken', 'incomplete') then 1 else 0 end) as open_count,
        sum(case when status in ('broken', 'incomplete') then exception_amount else 0 end) as open_amount
    from days
    where control = '{{ control }}'
    group by entity, period
    {% endfor %}
    {% for item, opened in [
        ('transit_in_time', "level = 'payout_bank' and items_open.status = 'open'"),
        ('suspense_young', 'age_days >= 90'),
    ] %}
    union all
    select months.entity, months.period, '{{ item }}' as item, 1 as seen,
        coalesce(sum(case when {{ opened }} then 1 else 0 end), 0) as open_count,
        coalesce(sum(case when {{ opened }} then items_open.amount else 0 end), 0) as open_amount
    from months
    left join items_open on months.entity = items_open.entity and months.period = items_open.period
    group by months.entity, months.period
    {% endfor %}
    union all
    select entity, period, 'bank_reconciled' as item, count(*) as seen, sum(is_open) as open_count, 0 as open_amount
    from banks
    group by entity, period
    union all
    select months.entity, months.period, 'decisions_made' as item, 1 as seen, proposals.waiting as open_count, 0 as open_amount
    from months
    cross join proposals
    union all
    select entity, period, 'locked' as item, 1 as seen,
        case when state = 'locked' then 0 else statements end as open_count, 0 as open_amount
    from months

),

judged as (

    select
        months.entity,
        months.period,
        items.sequence,
        items.item,
        items.name,
        items.name_zh,
        case
            when counted.item is null then 'not_applicable'
            when counted.open_count > 0 then 'open'
            else 'ok'
        end as state,
        coalesce(counted.open_count, 0) as open_count,
        coalesce(counted.open_amount, 0) as open_amount,
        items.ok_text,
        items.ok_text_zh,
        items.open_text,
        items.open_text_zh,
        items.not_applicable_text,
        items.not_applicable_text_zh
    from months
    cross join {{ ref('close_items') }} as items
    left join counted
        on months.entity = counted.entity and months.period = counted.period and items.item = counted.item

)

select
    entity,
    period,
    item,
    cast(sequence as integer) as sequence,
    name,
    name_zh,
    state,
    cast(open_count as bigint) as open_count,
    cast(open_amount as decimal(18, 2)) as open_amount,
    {% for ending in ['', '_zh'] %}
    case state
        when 'open' then cast(cast(open_count as bigint) as string) || ' ' || open_text{{ ending }}
        when 'ok' then ok_text{{ ending }}
        else not_applicable_text{{ ending }}
    end as explanation{{ ending }}{{ ',' if not loop.last }}
    {% endfor %}
from judged
