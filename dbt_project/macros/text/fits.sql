{# Whether the whole text fits a pattern that is data (RE2, anchored). #}
{% macro fits(text, pattern) %}{{ return(adapter.dispatch('fits')(text, pattern)) }}{% endmacro %}
{% macro duckdb__fits(text, pattern) -%}regexp_full_match({{ text }}, {{ pattern }}){%- endmacro %}
{% macro default__fits(text, pattern) -%}{{ text }} rlike concat('^(?:', {{ pattern }}, ')$'){%- endmacro %}
