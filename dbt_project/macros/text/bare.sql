{#
    A cell without the marks that exports put around it: blanks, tabs, and the backtick, apostrophe or ="…" that keep a
    spreadsheet from turning a number into something else. Empty becomes null.
#}
{% macro bare(text) -%}
nullif(trim({{ text }}, ' 	　`''="'), '')
{%- endmacro %}

{# A cell of free text: only blanks around it go. #}
{% macro trimmed(text) -%}
nullif(trim({{ text }}, ' 	　'), '')
{%- endmacro %}
