{# Keys that more than one row has; `within` names a physical day by which the window of the run prunes. #}
{% test unique_in_window(model, columns, within=none) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
{% if within %}
where {{ in_window(within) }}
{% endif %}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
