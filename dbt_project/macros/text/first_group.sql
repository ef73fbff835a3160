{# The first group of a pattern in a text, null when it is not there. #}
{% macro first_group(text, pattern) -%}
nullif(regexp_extract({{ text }}, '{{ pattern }}', 1), '')
{%- endmacro %}
