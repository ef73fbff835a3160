{#
    What a version tells anew, as text: the first one the record itself, a later one the sums it changes, each as
    type.column; null where it changes none.
#}
{% macro told_by(type, stream, relation) -%}
case
            when {{ relation }}.version = 1 then '{{ type }}'
            else nullif(concat_ws(
                ',',
                {% for column in ledger_columns(stream) if column.kind in ('money', 'signed') %}
                case
                    when ',' || {{ relation }}.changed_columns || ',' like '%,{{ column.name }},%'
                        then '{{ type }}.{{ column.name }}'
                end{{ ',' if not loop.last }}
                {% endfor %}
            ), '')
        end
{%- endmacro %}
