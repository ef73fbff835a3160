{#
    A cell without the marks that exports put around it: blanks and tabs, a backtick or apostrophe in front, or ="…",
    which keep a spreadsheet from turning a number into something else. Any other sign is part of the cell. Empty
    becomes null.
#}
{% macro bare(text) -%}
{%- set cell = "trim(both ' 	　' from " ~ text ~ ")" -%}
nullif(
            case left({{ cell }}, 1)
                when '`' then trim(both ' 	　' from substr({{ cell }}, 2))
                when '''' then trim(both ' 	　' from substr({{ cell }}, 2))
                when '='
                    then case
                        when {{ cell }} like '="%"' then trim(both ' 	　' from substr({{ cell }}, 3, length({{ cell }}) - 3))
                        else {{ cell }}
                    end
                else {{ cell }}
            end, ''
        )
{%- endmacro %}

{# A cell of free text: only blanks around it go. #}
{% macro trimmed(text) -%}
nullif(trim(both ' 	　' from {{ text }}), '')
{%- endmacro %}
