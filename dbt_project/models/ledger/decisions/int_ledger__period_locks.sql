-- One row per entity and month that two people ever locked or took up again: whether it is locked now, by whom, over which content.
{{ config(materialized='table') }}
with

-- a person who answers for the books is the maker or the checker
decided as (

    select
        *,
        substr(record_key, 1, length(record_key) - 8) as entity,
        right(record_key, 7) as period,
        row_number() over (partition by record_key order by checked_at desc, decision_id) as newest_no,
        sum(case when action = 'reopen' then 1 else 0 end) over (partition by record_key) as reopened_count,
        max(case when action = 'reopen' then checked_at end) over (partition by record_key) as reopened_at
    from {{ ref('int_ledger__decisions') }}
    where record_type = 'period' and action in ('lock', 'reopen') and state = 'effective' and is_by_manager

),

int_ledger__period_locks as (

    select
        entity,
        period,
        action = 'lock' as is_locked,
        case when action = 'lock' then record_fingerprint end as signed_hash,
        case when action = 'lock' then maker || ', ' || checker end as signed_by,
        case when action = 'lock' then checked_at end as locked_at,
        case when action = 'lock' then {{ day_of(['checked_at']) }} end as locked_on,
        decision_id,
        cast(reopened_count as integer) as reopened_count,
        reopened_at
    from decided
    where newest_no = 1

)

select * from int_ledger__period_locks
