{# The first group of a pattern in a text, null when it is not there. #}
{% macro first_group(text, pattern) %}{{ return(adapter.dispatch('first_group')(text, pattern)) }}{% endmacro %}
{% macro duckdb__first_group(text, pattern) -%}
nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), '')
{%- endmacro %}
{% macro default__first_group(text, pattern) -%}
nullif(regexp_extract({{ text }}, '{{ pattern | replace('\\', '\\\\') }}', 1), '')
{%- endmacro %}
