{# A text without the parts that fit a pattern. #}
{% macro without_pattern(text, pattern) %}{{ return(adapter.dispatch('without_pattern')(text, pattern)) }}{% endmacro %}
{% macro duckdb__without_pattern(text, pattern) -%}regexp_replace({{ text }}, '{{ pattern }}', '', 'g'){%- endmacro %}
{% macro default__without_pattern(text, pattern) -%}regexp_replace({{ text }}, '{{ pattern }}', ''){%- endmacro %}
