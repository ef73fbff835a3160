{# The type of a moment with its zone. #}
{% macro type_moment() %}{{ return(adapter.dispatch('type_moment')()) }}{% endmacro %}
{% macro duckdb__type_moment() -%}timestamptz{%- endmacro %}
{% macro default__type_moment() -%}timestamp{%- endmacro %}
