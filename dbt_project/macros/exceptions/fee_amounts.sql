{# The amounts of a charge that a rule may be about. #}
{% macro fee_amounts() %}
{{ return([
    'consideration_amount', 'goods_amount', 'paid_amount', 'goods_paid_amount', 'order_amount', 'early_base_amount',
    'early_refund_amount',
]) }}
{% endmacro %}
