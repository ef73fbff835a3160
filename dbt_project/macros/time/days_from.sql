{# How many days lie between two days, as a whole number; less than 0 where the second is the earlier one. #}
{% macro days_from(first, second) %}{{ return(adapter.dispatch('days_from')(first, second)) }}{% endmacro %}
{% macro duckdb__days_from(first, second) -%}({{ second }} - {{ first }}){%- endmacro %}
{% macro default__days_from(first, second) -%}datediff({{ second }}, {{ first }}){%- endmacro %}
