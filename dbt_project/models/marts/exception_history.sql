-- One row per step in the life of an exception: waiting, open, cleared.
with

exceptions as (

    select * from {{ ref('int_exceptions__all') }}

),

steps as (

    select exception_id, first_seen_on as day, case when status = 'timing' then 'timing' else 'open' end as status, code, explanation as why
    from exceptions
    union all
    select exception_id, cleared_on as day, 'cleared' as status, code, 'matched' as why
    from exceptions
    where cleared_on is not null

)

select
    exception_id,
    {{ start_of_day('day') }} as {{ quoted('at') }},
    status,
    code,
    'tieout' as who,
    why
from steps
