{# The CTE `received` of a bank whose connector already speaks of bank lines: every column, trimmed. #}
{% macro received_bank_lines(source_name, table='lines') %}
received as (

    select
        file_id,
        row_number,
        landed_on,
        {% for name in bank_line_columns() %}
        {{ trimmed(name) }} as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source(source_name, source_name ~ '__' ~ table) }}

)
{% endmacro %}

{# What such a bank brings. #}
{% macro bank_line_columns() %}
{{ return([
    'account', 'currency', 'line_no', 'booked_at', 'value_date', 'direction', 'amount', 'balance', 'counterparty_name',
    'counterparty_account', 'remark', 'bank_reference',
]) }}
{% endmacro %}
