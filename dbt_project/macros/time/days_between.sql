{# A relation with one column, day: each day from the first to the last. #}
{% macro days_between(first, last) %}{{ return(adapter.dispatch('days_between')(first, last)) }}{% endmacro %}
{% macro duckdb__days_between(first, last) -%}
generate_series(date '{{ first }}', date '{{ last }}', interval 1 day) as series (day)
{%- endmacro %}
{% macro default__days_between(first, last) -%}
(select explode(sequence(date '{{ first }}', date '{{ last }}', interval 1 day)) as day) as series
{%- endmacro %}
