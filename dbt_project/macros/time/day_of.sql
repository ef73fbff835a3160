{# The business day of the first time that is known. #}
{% macro day_of(moments) -%}
cast(coalesce({{ moments | join(', ') }}) at time zone {{ run_variable('time_zone') }} as date)
{%- endmacro %}
