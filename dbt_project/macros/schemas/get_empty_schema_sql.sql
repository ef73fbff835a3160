{# The types of a contract are written as DuckDB names them; these are the same under Spark's names. #}
{% macro spark__get_empty_schema_sql(columns) %}
{% set names = {'varchar': 'string', 'timestamp with time zone': 'timestamp'} %}
{% set named = {} %}
{% for key, column in columns.items() %}
    {% do named.update({key: dict(column, data_type=names.get(column.data_type, column.data_type))}) %}
{% endfor %}
{{ return(default__get_empty_schema_sql(named)) }}
{% endmacro %}
