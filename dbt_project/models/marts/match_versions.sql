-- One row per version of a match, from the moment it became known.
select
    match_id as key,
    cast(version as integer) as version,
    known_from,
    known_to,
    changed_columns,
    cast(left_legs as integer) as left_legs,
    cast(right_legs as integer) as right_legs,
    cast(left_stated_amount as decimal(18, 2)) as left_stated_amount,
    cast(right_stated_amount as decimal(18, 2)) as right_stated_amount
from {{ ref('int_matching__versions') }}
