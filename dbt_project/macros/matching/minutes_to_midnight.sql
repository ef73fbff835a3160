{# Whole minutes from a moment to the next local midnight in the zone of the run. #}
{% macro minutes_to_midnight(moment) -%}
1440 - (
    extract(hour from {{ local_time(moment) }}) * 60
    + extract(minute from {{ local_time(moment) }})
)
{%- endmacro %}
