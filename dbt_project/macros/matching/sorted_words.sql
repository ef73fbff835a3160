{# The blank-separated words of a text in a fixed order: equal bags of words give equal texts. #}
{% macro sorted_words(expression) %}{{ return(adapter.dispatch('sorted_words')(expression)) }}{% endmacro %}
{% macro default__sorted_words(expression) %}array_join(sort_array(split({{ expression }}, ' ')), ' '){% endmacro %}
{% macro duckdb__sorted_words(expression) %}array_to_string(list_sort(string_split({{ expression }}, ' ')), ' '){% endmacro %}
