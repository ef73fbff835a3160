-- A record is a leg of at most one match of a level, and never of a match and an open item at once.
with

claims as (

    select level, record_type, record_key from {{ ref('int_matching__legs') }} where side <> 'adjustment'
    union all
    select level, record_type, record_key from {{ ref('int_matching__open') }}

)

select level, record_type, record_key, count(*) as claim_count
from claims
group by level, record_type, record_key
having count(*) > 1
