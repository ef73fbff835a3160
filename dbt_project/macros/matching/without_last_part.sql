{# A key without its last part behind a bar. #}
{% macro without_last_part(key) -%}
{{ without_pattern(key, '[|][^|]*$') }}
{%- endmacro %}
