{# Whether the whole text fits a pattern (RE2). #}
{% macro full_match(text, pattern) %}{{ return(adapter.dispatch('full_match')(text, pattern)) }}{% endmacro %}
{% macro duckdb__full_match(text, pattern) -%}regexp_full_match({{ text }}, '{{ pattern }}'){%- endmacro %}
{% macro default__full_match(text, pattern) -%}{{ text }} rlike '^(?:{{ pattern }})$'{%- endmacro %}
