{# Whether a settlement component is a charge of the platform or channel, checked by rule and never part of a difference. #}
{% macro is_fee(component) -%}
coalesce({{ component }} in (
    'commission', 'tech_fee', 'affiliate_fee', 'creator_fee', 'payment_fee', 'freight_insurance', 'ads', 'fulfilment',
    'penalty', 'tax_withheld', 'broker_fee'
), false)
{%- endmacro %}
