{# The business day of the first time that is known. #}
{% macro day_of(moments) -%}
cast({{ local_time('coalesce(' ~ moments | join(', ') ~ ')') }} as date)
{%- endmacro %}
