{#
    A table or a view takes the place of the old one in one transaction, under its own name, and rows are appended
    without a temporary table and a look at the columns: dbt's own way costs a small model half as much again. Other
    models than before are built anew from the raw rows, so that no column is ever missing.
#}
{% materialization table, adapter='duckdb' %}
{{ return(built_in_place('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
{{ return(built_in_place('view')) }}
{% endmaterialization %}

{% materialization incremental, adapter='duckdb' %}
{%- set existing = load_cached_relation(this) -%}
{%- if existing is none or existing.is_view or should_full_refresh() -%}
{{ return(built_in_place('table')) }}
{%- endif -%}
{{ run_hooks(pre_hooks, inside_transaction=True) }}
{% call statement('main') -%}
insert into {{ existing }} by name
{{ sql }}
{%- endcall %}
{{ run_hooks(post_hooks, inside_transaction=True) }}
{% do adapter.commit() %}
{{ return({'relations': [existing]}) }}
{% endmaterialization %}

{% macro built_in_place(type) %}
{%- set existing = load_cached_relation(this) -%}
{%- set target = this.incorporate(type=type) -%}
{{ run_hooks(pre_hooks, inside_transaction=True) }}
{% call statement('main') -%}
{% if existing is not none %}drop {{ existing.type }} if exists {{ existing }};{% endif %}
{{ create_table_as(False, target, sql) if type == 'table' else create_view_as(target, sql) }}
{%- endcall %}
{{ run_hooks(post_hooks, inside_transaction=True) }}
{% do adapter.commit() %}
{{ return({'relations': [target]}) }}
{% endmacro %}
