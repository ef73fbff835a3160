{# A day's month as a whole number, 202609. #}
{% macro month_of(day) -%}
(extract(year from {{ day }}) * 100 + extract(month from {{ day }}))
{%- endmacro %}
