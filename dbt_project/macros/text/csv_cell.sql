{# A text as a cell of a CSV line: quoted where it has to be; nothing is an empty cell. #}
{% macro csv_cell(text) -%}
case
            when {{ without_pattern(text, '[",\\r\\n]') }} <> {{ text }} then '"' || replace({{ text }}, '"', '""') || '"'
            else coalesce({{ text }}, '')
        end
{%- endmacro %}
