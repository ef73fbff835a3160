{#
    Spark writes a step out wherever a later one reads it: thirty steps that read each other twice are a plan without end.
    There a model with `meta.step_by_step` is made one step after the other, each a table of the schema `steps`.
#}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') %}
{% set rest = namespace(sql=compiled_code) %}
{% if model.config.meta.step_by_step %}
    {% do run_query('drop schema if exists steps cascade') %}
    {% do run_query('create schema steps') %}
    {% do run_query('use steps') %}
    {% for step in modules.re.finditer('(?ms)^(\\w+) as [(]\\n(.*?)^[)],?\\n', compiled_code) | list %}
        {% do run_query('create table ' ~ step[1] ~ ' using parquet as ' ~ step[2]) %}
        {% set rest.sql = compiled_code[step.end():] %}
    {% endfor %}
{% endif %}
{{ return(dbt.spark__create_table_as(temporary, relation, rest.sql, language)) }}
{% endmacro %}
