{# A JSON object as text: list of [name, SQL of its text]. A member that is null stays, as null. #}
{% macro json_row(members) %}{{ return(adapter.dispatch('json_row')(members)) }}{% endmacro %}
{% macro duckdb__json_row(members) -%}
cast(json_object({% for name, text in members %}'{{ name }}', {{ text }}{{ ', ' if not loop.last }}{% endfor %}) as varchar)
{%- endmacro %}
{% macro default__json_row(members) -%}
to_json(named_struct({% for name, text in members %}'{{ name }}', {{ text }}{{ ', ' if not loop.last }}{% endfor %}), map('ignoreNullFields', 'false'))
{%- endmacro %}
