-- One row per exception that was cleared after it had become one, and whether that was within its days.
with

cleared as (

    select * from {{ ref('int_exceptions__all') }}
    where status = 'cleared' and cleared_on >= first_seen_on

),

owners as (

    select code, min(sla_hours) as sla_hours
    from {{ ref('int_ledger__owners') }}
    group by code

),

days as (

    select day, open_index from {{ ref('int_ledger__calendar') }} where calendar = 'CN'

),

int_exceptions__resolved as (

    select
        cleared.exception_id,
        cleared.cleared_on as day,
        cleared.entity,
        cleared.store,
        cleared.level,
        cleared.currency,
        cast(
            case
                when
                    ends.open_index
                    <= starts.open_index
                    + cast(ceil(coalesce(owners.sla_hours, codes.sla_hours) * cast(0.125 as decimal(4, 3))) as bigint)
                    then 1
                else 0
            end as integer
        ) as is_in_time
    from cleared
    inner join {{ ref('exception_codes') }} as codes on cleared.code = codes.code
    left join owners on cleared.code = owners.code
    inner join days as starts on cleared.first_seen_on = starts.day
    inner join days as ends on cleared.cleared_on = ends.day
    -- what has no hours cannot be late
    where coalesce(owners.sla_hours, codes.sla_hours) is not null

)

select * from int_exceptions__resolved
