{# A number of hours as an interval. #}
{% macro hours(number) %}{{ return(adapter.dispatch('hours')(number)) }}{% endmacro %}
{% macro default__hours(number) %}make_dt_interval(0, {{ number }}){% endmacro %}
{% macro duckdb__hours(number) %}to_hours(cast({{ number }} as integer)){% endmacro %}
