{# Named members of a JSON record as text, parsed once; a number keeps its digits. `lists`: member → list path and names. #}
{% macro json_fields(record, names) %}{{ return(adapter.dispatch('json_fields')(record, names)) }}{% endmacro %}
{% macro duckdb__json_fields(record, names) -%}
from_json({{ record }}, '{{ '{' }}{% for name in names %}"{{ name }}":"VARCHAR"{{ ',' if not loop.last }}{% endfor %}{{ '}' }}')
{%- endmacro %}

{# The members of a doubly wrapped list of a JSON record, one row each: a lateral item of a from clause. #}
{% macro json_items(record, outer_name, inner_name, names) %}{{ return(adapter.dispatch('json_items')(record, outer_name, inner_name, names)) }}{% endmacro %}
{% macro duckdb__json_items(record, outer_name, inner_name, names) -%}
unnest(from_json(
            json_extract({{ record }}, '$.{{ outer_name }}.{{ inner_name }}'),
            '[{{ '{' }}{% for name in names %}"{{ name }}":"VARCHAR"{{ ',' if not loop.last }}{% endfor %}{{ '}' }}]'
        ))
{%- endmacro %}

{# The members of a list of a JSON record (a path), one row each: a lateral item of a from clause. #}
{% macro json_members(record, path, names) %}{{ return(adapter.dispatch('json_members')(record, path, names)) }}{% endmacro %}
{% macro duckdb__json_members(record, path, names) -%}
unnest(from_json(
            json_extract({{ record }}, '{{ path }}'),
            '[{{ '{' }}{% for name in names %}"{{ name }}":"VARCHAR"{{ ',' if not loop.last }}{% endfor %}{{ '}' }}]'
        ))
{%- endmacro %}
