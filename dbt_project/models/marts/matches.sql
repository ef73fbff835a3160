-- One row per match of any level.
select
    matches.match_id,
    cast(versions.version as integer) as version,
    level,
    pass,
    rule_id,
    rule_version,
    entity,
    platform,
    store,
    account,
    business_date,
    currency,
    cast(left_amount as decimal(18, 2)) as left_amount,
    cast(right_amount as decimal(18, 2)) as right_amount,
    cast(difference as decimal(18, 2)) as difference,
    status,
    confidence,
    cast(alternatives as integer) as alternatives,
    is_cross_day as cross_day,
    matched_on,
    explanation
from {{ ref('int_matching__matches') }} as matches
left join {{ ref('int_matching__versions') }} as versions on matches.match_id = versions.match_id and versions.known_to is null
