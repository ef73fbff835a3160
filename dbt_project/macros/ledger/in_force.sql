{# The rows of the newest landed file of a table, typed; an empty cell is null and means "any". Columns: name[:kind]. #}
{% macro in_force(relation, columns, version_name) %}
with

newest as (

    select max(file_id) as file_id from {{ relation }}

),

in_force as (

    select
        {% for column in columns %}
        {{ cell_in_force(column.split(':')[0], column.split(':')[1:] | join('')) }} as {{ column.split(':')[0] }},
        {% endfor %}
        substr(files.sha256, 1, 12) as {{ version_name }}
    from {{ relation }} as delivered
    inner join newest on delivered.file_id = newest.file_id
    inner join {{ source('archive', 'landed_files') }} as files on delivered.file_id = files.file_id

)

select * from in_force
{% endmacro %}

{% macro rules_in_force(table, columns) %}
{{ in_force(source('rules', table), columns + ['rule_id', 'valid_from:day', 'valid_to:day', 'evidence'], 'rule_version') }}
{% endmacro %}

{% macro settings_in_force(table, columns) %}
{{ in_force(source('settings', table), columns, 'settings_version') }}
{% endmacro %}

{% macro cell_in_force(name, kind) -%}
{%- set cell = "nullif(trim(delivered." ~ name ~ "), '')" -%}
{%- set types = {
    'money': 'decimal(18, 2)', 'rate': 'decimal(18, 6)', 'int': 'integer', 'flag': 'boolean', 'day': 'date',
} -%}
{{ 'cast(' ~ cell ~ ' as ' ~ types[kind] ~ ')' if kind else cell }}
{%- endmacro %}
