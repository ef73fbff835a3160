{# Whether an order, or a line or discount that fills its amounts, has arrived in the run's window. #}
{% macro is_touched_order() -%}
(
            {{ is_touched(ref('int_ledger__orders_records')) }}
            or {{ in_window('landed_on') }}
            {% for stream in ['order_lines', 'discounts'] if is_fed(stream) %}
            or store || '|' || order_no || '|' || role in (
                select store || '|' || order_no || '|' || role
                from {{ ref('int_ledger__' ~ stream ~ '_records') }}
                where {{ in_window('landed_on') }} and record_key is not null
            )
            {% endfor %}
        )
{%- endmacro %}
