{# Whether a physical day lies in what this run has loaded; for reads and for the delete before them. #}
{% macro in_window(day) -%}
{{ day }} between {{ run_variable('load_from') }} and {{ run_variable('load_to') }}
{%- endmacro %}
