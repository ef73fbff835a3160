{#
    A table or a view takes the place of the old one in one transaction, under its own name: two renames and a drop
    less than dbt's own way, which is a third of what a small model costs.
#}
{% materialization table, adapter='duckdb' %}
{{ return(built_in_place('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
{{ return(built_in_place('view')) }}
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
