{#
    A fact of this run: as_of, today, time_zone, load_from, load_to, base_currency, run_id, pad_in, pad_out.

    It is read when the statement runs, so a new value re-parses nothing, and it prunes like a literal.
#}
{% macro run_variable(name) %}{{ return(adapter.dispatch('run_variable')(name)) }}{% endmacro %}
{% macro duckdb__run_variable(name) -%}getvariable('{{ name }}'){%- endmacro %}
{% macro default__run_variable(name) -%}session.{{ name }}{%- endmacro %}
