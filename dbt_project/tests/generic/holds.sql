{# Rows for which an expression is not true; `within` limits it to days that the run has loaded. #}
{% test holds(model, expression, within=none) %}
select *
from {{ model }}
where ({{ expression }}) is not true
{% if within %}
    and {{ in_window(within) }}
{% endif %}
{% endtest %}
