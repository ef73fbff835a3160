{# Whole minutes from a moment to the next local midnight in the zone of the run. #}
{% macro minutes_to_midnight(moment) -%}
1440 - (
    extract(hour from {{ moment }} at time zone {{ run_variable('time_zone') }}) * 60
    + extract(minute from {{ moment }} at time zone {{ run_variable('time_zone') }})
)
{%- endmacro %}
