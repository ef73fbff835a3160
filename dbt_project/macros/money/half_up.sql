{# Half up (away from zero at .5) of a DECIMAL expression. Only for DECIMAL: a quotient has been through DOUBLE. #}
{% macro half_up(expression, digits=2) -%}
cast(round({{ expression }}, {{ digits }}) as decimal(18, {{ digits }}))
{%- endmacro %}
