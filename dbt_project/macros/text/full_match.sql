{# Whether the whole text fits a pattern, one that RE2 and Java read alike: no bracket stands bare in a class. #}
{% macro full_match(text, pattern) %}{{ return(adapter.dispatch('full_match')(text, pattern)) }}{% endmacro %}
{% macro duckdb__full_match(text, pattern) -%}regexp_full_match({{ text }}, '{{ pattern }}'){%- endmacro %}
{% macro default__full_match(text, pattern) -%}{{ text }} rlike '^(?:{{ pattern | replace('\\', '\\\\') }})$'{%- endmacro %}
