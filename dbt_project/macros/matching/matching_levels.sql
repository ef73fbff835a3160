{# The levels of matching: each has a model of its matches, one of their legs and one of what it leaves open. #}
{% macro matching_levels() %}
{{ return([
    'order_order', 'order_payment', 'refund_payment', 'payment_flow', 'order_settlement', 'settlement_flow',
    'payout_bank', 'order_shipment', 'return_refund',
]) }}
{% endmacro %}

{# Those that set money against money; the others compare what two systems say, or prove that goods moved. #}
{% macro money_levels() %}
{{ return([
    'order_payment', 'refund_payment', 'payment_flow', 'order_settlement', 'settlement_flow', 'payout_bank',
]) }}
{% endmacro %}
