{# The CTE `calendar`: every day with its month, the first and last day of that month, and the Monday of its week. #}
{% macro period_calendar() -%}
every_day as (

    select cast(day as date) as day from {{ days_between('2015-01-01', '2037-12-31') }}

),

calendar as (

    select
        day,
        {{ period_of('day') }} as month,
        cast(day - cast({{ day_of_week('day') }} as integer) + 1 as date) as week_start,
        min(day) over (partition by {{ period_of('day') }}) as month_start,
        max(day) over (partition by {{ period_of('day') }}) as month_end
    from every_day

),
{%- endmacro %}
