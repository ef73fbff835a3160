-- One row per entity and month: what two people sign, whether they have, and how often it was taken up again.
with

months as (

    select distinct entity, period, period_start, period_end, period_hash, state, signed_by, reopened_count
    from {{ ref('statements') }}
    where period_kind = 'month'

),

counted as (

    select entity, period, count(*) as statements
    from {{ ref('statements') }}
    where period_kind = 'month'
    group by entity, period

)

select
    months.entity,
    months.period,
    'period:' || months.entity || ':' || months.period as subject,
    months.period_start,
    months.period_end,
    cast(counted.statements as integer) as statements,
    months.period_hash,
    months.state,
    months.signed_by,
    locks.signed_hash,
    locks.locked_at,
    months.reopened_count,
    locks.reopened_at
from months
inner join counted on months.entity = counted.entity and months.period = counted.period
left join {{ ref('int_ledger__period_locks') }} as locks
    on months.entity = locks.entity and months.period = locks.period
