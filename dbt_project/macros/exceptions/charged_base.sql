{# The amount that a charge is reckoned on by a rule's base; refunds before the charge lower it unless the rule says no. #}
{% macro charged_base(base, after_refunds, fees) -%}
cast(
            case {{ base }}
                when 'fixed' then 0
                when 'buyer_paid' then {{ fees }}.paid_amount
                when 'buyer_paid_less_freight' then {{ fees }}.goods_paid_amount
                when 'goods_less_discount' then {{ fees }}.goods_amount
                when 'order_amount' then {{ fees }}.order_amount
                else {{ fees }}.consideration_amount
            end
            - case
                when not coalesce({{ after_refunds }}, true) or {{ base }} = 'fixed' then 0
                when {{ base }} in ('buyer_paid', 'buyer_paid_less_freight') then {{ fees }}.early_refund_amount
                else {{ fees }}.early_base_amount
            end as decimal(18, 2)
        )
{%- endmacro %}
