-- One row per record and level that no match closes; it waits as long as time or two people allow.
{{ config(materialized='view') }}
with

int_exceptions__open as (

    select
        open_items.level,
        open_items.side,
        open_items.record_type,
        open_items.record_key,
        open_items.situation,
        open_items.amount,
        open_items.is_waiting or coalesce(exceptions.status = 'timing', false) as is_waiting,
        coalesce(exceptions.breaks_on, open_items.breaks_on) as breaks_on,
        case
            when exceptions.status = 'timing' and not open_items.is_waiting then cast(exceptions.breaks_on - 1 as date)
            else open_items.expected_on
        end as expected_on
    from {{ ref('int_matching__open') }} as open_items
    left join {{ ref('int_exceptions__all') }} as exceptions
        on md5(open_items.level || '|' || open_items.record_type || '|' || open_items.record_key) = exceptions.exception_id

)

select * from int_exceptions__open
