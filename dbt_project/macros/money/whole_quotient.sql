{# How often one whole number goes into another. #}
{% macro whole_quotient(whole, part) %}{{ return(adapter.dispatch('whole_quotient')(whole, part)) }}{% endmacro %}
{% macro duckdb__whole_quotient(whole, part) -%}{{ whole }} // {{ part }}{%- endmacro %}
{% macro default__whole_quotient(whole, part) -%}{{ whole }} div {{ part }}{%- endmacro %}
