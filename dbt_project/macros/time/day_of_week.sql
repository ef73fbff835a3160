{# The day of the week of a day, from Monday, 1, to Sunday, 7. #}
{% macro day_of_week(day) %}{{ return(adapter.dispatch('day_of_week')(day)) }}{% endmacro %}
{% macro duckdb__day_of_week(day) -%}extract(isodow from {{ day }}){%- endmacro %}
{% macro default__day_of_week(day) -%}(weekday({{ day }}) + 1){%- endmacro %}
