{# The runs of letters, digits and dashes in a text, as a list. #}
{% macro words_of(expression) %}{{ return(adapter.dispatch('words_of')(expression)) }}{% endmacro %}
{% macro default__words_of(expression) %}regexp_extract_all({{ expression }}, '([A-Za-z0-9_-]+)', 1){% endmacro %}
{% macro duckdb__words_of(expression) %}regexp_extract_all({{ expression }}, '[A-Za-z0-9_-]+'){% endmacro %}
