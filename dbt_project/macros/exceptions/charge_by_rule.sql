{# What a rule charges on a base: half up per transaction, then within its bounds. An empty part is none. #}
{% macro charge_by_rule(base_amount, rules) -%}
least(
                greatest(
                    {{ half_up(base_amount ~ ' * coalesce(' ~ rules ~ '.rate, 0) + coalesce(' ~ rules ~ '.fixed, 0)') }},
                    coalesce({{ rules }}.minimum, -999999999999)
                ),
                coalesce({{ rules }}.maximum, 999999999999)
            )
{%- endmacro %}
