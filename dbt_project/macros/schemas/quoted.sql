{# A column's name that is a word of the language. #}
{% macro quoted(name) %}{{ return(adapter.dispatch('quoted')(name)) }}{% endmacro %}
{% macro duckdb__quoted(name) -%}"{{ name }}"{%- endmacro %}
{% macro default__quoted(name) -%}`{{ name }}`{%- endmacro %}
