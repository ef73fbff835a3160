{# A seed's rows for Spark: by itself dbt-spark puts a text with an apostrophe, and a cell that is empty, wrongly. #}
{% macro spark__load_csv_rows(model, agate_table) %}
{% set sql %}
insert into {{ this }} values
{% for row in agate_table.rows %}
({%- for name in agate_table.column_names -%}
    {%- set kind = model.config.column_types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
    {%- set cell = row[loop.index0] -%}
    cast({{ 'null' if cell is none else "'" ~ cell | string | replace('\\', '\\\\') | replace("'", "\\'") ~ "'" }} as {{ kind }})
    {{- ', ' if not loop.last -}}
{%- endfor -%}){{ ',' if not loop.last }}
{% endfor %}
{% endset %}
{% do run_query(sql) %}
{{ return(sql) }}
{% endmacro %}
