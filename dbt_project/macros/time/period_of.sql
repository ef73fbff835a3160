{# The month of a day as people write it, 2026-09. #}
{% macro period_of(day) -%}
substr(cast({{ day }} as string), 1, 7)
{%- endmacro %}
