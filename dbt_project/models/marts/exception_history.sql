-- One row per step in the life of an exception: waiting, open, decided about, cleared.
with

exceptions as (

    select * from {{ ref('int_exceptions__all') }}

),

decisions as (

    select decisions.*, exceptions.code as current_code
    from {{ ref('int_ledger__decisions') }} as decisions
    inner join exceptions on decisions.exception_id = exceptions.exception_id
    -- what its person did not sign was never said
    where decisions.state <> 'rejected' or decisions.verdict is not null

),

steps as (

    select
        exception_id,
        {{ start_of_day('first_seen_on') }} as happened_at,
        case when undecided_status = 'timing' then 'timing' else 'open' end as status,
        code,
        'tieout' as who,
        explanation as why
    from exceptions
    union all
    select exception_id, {{ start_of_day('cleared_on') }} as happened_at, 'cleared' as status, code, 'tieout' as who, 'matched' as why
    from exceptions
    where cleared_by = 'match'
    union all
    select
        exception_id,
        made_at as happened_at,
        'proposed' as status,
        current_code as code,
        maker as who,
        concat_ws(': ', action, note) as why
    from decisions
    union all
    select
        exception_id,
        checked_at as happened_at,
        case
            when verdict = 'rejected' or action = 'reverse' then 'open'
            when action = 'write_off' then 'cleared'
            when action = 'accept_timing' then 'timing'
            when action = 'dispute' then 'approved'
            else 'acknowledged'
        end as status,
        current_code as code,
        checker as who,
        concat_ws(': ', action || ' ' || verdict, verdict_note) as why
    from decisions
    where verdict is not null

)

select
    exception_id,
    happened_at as {{ quoted('at') }},
    status,
    code,
    who,
    why
from steps
