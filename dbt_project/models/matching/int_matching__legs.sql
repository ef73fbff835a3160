-- One row per leg of a match of any level, with the match's number and verdict.
{%- set levels = matching_levels() %}
with

every_level as (
{% for level in levels %}
    select '{{ level }}' as level, match_key, side, record_type, record_key, amount
    from {{ ref('int_matching__' ~ level ~ '_legs') }}
    union all
{% endfor %}
    -- what crosses the amount paid is no valid refund, whatever the ticket says
    select 'refund_payment' as level, match_key, 'adjustment' as side, 'payment' as record_type, record_key, -excess_amount as amount
    from {{ ref('int_matching__refund_excess') }}
),

int_matching__legs as (

    select
        matches.match_id,
        every_level.*,
        matches.status
    from every_level
    inner join {{ ref('int_matching__matches') }} as matches
        on every_level.level = matches.level and every_level.match_key = matches.match_key

)

select * from int_matching__legs
