{# The columns of a payout, in order, made from a wallet flow: what the flow does not say is null. #}
{% macro payout_of_flow() %}
{% set said = {
    'payout_no': 'own_no', 'amount': 'amount', 'initiated_at': 'occurred_at', 'bank_account': 'pays_out_to',
    'status': "'paid'",
} %}
account || '|' || own_key as record_key,
        {% for name in common_columns() if name != 'record_key' %}
        {{ name }},
        {% endfor %}
        {% for column in ledger_columns('payouts') %}
        {{ said.get(column.name, 'cast(null as ' ~ column.type ~ ')') }} as {{ column.name }},
        {% endfor %}
        record_key as derived_from_flow_key
{% endmacro %}

{# What every versioned ledger relation has in front of the stream's own columns. #}
{% macro common_columns() %}
{{ return([
    'record_key', 'version', 'known_from', 'known_to', 'first_known_at', 'received_on', 'entity', 'platform', 'store',
    'account', 'currency', 'connection', 'role', 'business_date', 'file_id', 'row_number', 'landed_on', 'changed_columns',
]) }}
{% endmacro %}
