{# A key without its last part behind a bar. #}
{% macro without_last_part(key) %}{{ return(adapter.dispatch('without_last_part')(key)) }}{% endmacro %}
{% macro default__without_last_part(key) %}regexp_replace({{ key }}, '[|][^|]*$', ''){% endmacro %}
