{#
    JSON records. DuckDB keeps every digit of a number. Spark reads a fraction in binary and writes it with an E from 10⁷
    on, which no amount is read from: such a row goes to quarantine there, and is never a wrong amount.
#}

{# Named members of a JSON record as text, parsed once. #}
{% macro json_fields(record, names) %}{{ return(adapter.dispatch('json_fields')(record, names)) }}{% endmacro %}
{% macro duckdb__json_fields(record, names) -%}
from_json({{ record }}, '{{ '{' }}{% for name in names %}"{{ name }}":"VARCHAR"{{ ',' if not loop.last }}{% endfor %}{{ '}' }}')
{%- endmacro %}
{% macro default__json_fields(record, names) -%}
from_json({{ record }}, 'struct<{% for name in names %}{{ name }}:string{{ ',' if not loop.last }}{% endfor %}>')
{%- endmacro %}

{# A member of a JSON record as text; null when it is not there. #}
{% macro json_text(record, path) %}{{ return(adapter.dispatch('json_text')(record, path)) }}{% endmacro %}
{% macro duckdb__json_text(record, path) -%}json_extract_string({{ record }}, '{{ path }}'){%- endmacro %}
{% macro default__json_text(record, path) -%}get_json_object({{ record }}, '{{ path }}'){%- endmacro %}

{# A member of a JSON record as JSON. #}
{% macro json_part(record, path) %}{{ return(adapter.dispatch('json_part')(record, path)) }}{% endmacro %}
{% macro duckdb__json_part(record, path) -%}json_extract({{ record }}, '{{ path }}'){%- endmacro %}
{% macro default__json_part(record, path) -%}get_json_object({{ record }}, '{{ path }}'){%- endmacro %}

{# The members of a list of a JSON record, each as JSON: a list. #}
{% macro json_list(record, path) %}{{ return(adapter.dispatch('json_list')(record, path)) }}{% endmacro %}
{% macro duckdb__json_list(record, path) -%}json_extract({{ record }}, '{{ path }}[*]'){%- endmacro %}
{% macro default__json_list(record, path) -%}
from_json(get_json_object({{ record }}, '{{ path }}'), 'array<string>')
{%- endmacro %}

{# The members of lists that stand inside the members of a list, each as JSON: one list. #}
{% macro json_inner_list(record, path, inner) %}{{ return(adapter.dispatch('json_inner_list')(record, path, inner)) }}{% endmacro %}
{% macro duckdb__json_inner_list(record, path, inner) -%}json_extract({{ record }}, '{{ path }}[*].{{ inner }}[*]'){%- endmacro %}
{% macro default__json_inner_list(record, path, inner) -%}
flatten(array_compact(transform({{ default__json_list(record, path) }}, outer -> {{ default__json_list('outer', '$.' ~ inner) }})))
{%- endmacro %}

{# A member of each member of a list, as text: a list without those that lack it. #}
{% macro json_text_list(record, path, member) %}{{ return(adapter.dispatch('json_text_list')(record, path, member)) }}{% endmacro %}
{% macro duckdb__json_text_list(record, path, member) -%}json_extract_string({{ record }}, '{{ path }}[*].{{ member }}'){%- endmacro %}
{% macro default__json_text_list(record, path, member) -%}
array_compact(transform({{ default__json_list(record, path) }}, outer -> get_json_object(outer, '$.{{ member }}')))
{%- endmacro %}

{# A list of texts. #}
{% macro json_texts(record, path) %}{{ return(adapter.dispatch('json_texts')(record, path)) }}{% endmacro %}
{% macro duckdb__json_texts(record, path) -%}from_json(json_extract({{ record }}, '{{ path }}'), '["VARCHAR"]'){%- endmacro %}
{% macro default__json_texts(record, path) -%}{{ default__json_list(record, path) }}{%- endmacro %}

{# How many members a list of a JSON record has. #}
{% macro json_length(record, path) %}{{ return(adapter.dispatch('json_length')(record, path)) }}{% endmacro %}
{% macro duckdb__json_length(record, path) -%}json_array_length({{ record }}, '{{ path }}'){%- endmacro %}
{% macro default__json_length(record, path) -%}json_array_length(get_json_object({{ record }}, '{{ path }}')){%- endmacro %}

{# Whether a record has a member. #}
{% macro json_has(record, path) %}{{ return(adapter.dispatch('json_has')(record, path)) }}{% endmacro %}
{% macro duckdb__json_has(record, path) -%}json_exists({{ record }}, '{{ path }}'){%- endmacro %}
{% macro default__json_has(record, path) -%}get_json_object({{ record }}, '{{ path }}') is not null{%- endmacro %}

{# The members of a list of a JSON record, each with its named members as text: a list. #}
{% macro json_field_list(record, path, names) %}{{ return(adapter.dispatch('json_field_list')(record, path, names)) }}{% endmacro %}
{% macro duckdb__json_field_list(record, path, names) -%}
from_json(
            json_extract({{ record }}, '{{ path }}'),
            '[{{ '{' }}{% for name in names %}"{{ name }}":"VARCHAR"{{ ',' if not loop.last }}{% endfor %}{{ '}' }}]'
        )
{%- endmacro %}
{% macro default__json_field_list(record, path, names) -%}
from_json(
            get_json_object({{ record }}, '{{ path }}'),
            'array<struct<{% for name in names %}{{ name }}:string{{ ',' if not loop.last }}{% endfor %}>>'
        )
{%- endmacro %}

{# The items of a list, one row each: an item of a select list or of a from clause. #}
{% macro each_item(items) %}{{ return(adapter.dispatch('each_item')(items)) }}{% endmacro %}
{% macro duckdb__each_item(items) -%}unnest({{ items }}){%- endmacro %}
{% macro default__each_item(items) -%}explode({{ items }}){%- endmacro %}
