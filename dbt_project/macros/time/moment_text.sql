{# A moment as text, in UTC. #}
{% macro moment_text(moment) %}{{ return(adapter.dispatch('moment_text')(moment)) }}{% endmacro %}
{% macro duckdb__moment_text(moment) -%}cast({{ moment }} as string){%- endmacro %}
{% macro default__moment_text(moment) -%}cast({{ moment }} as string) || '+00'{%- endmacro %}
