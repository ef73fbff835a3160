{#
    The signed amount of one settlement row as text. The direction decides in an export, where outgoings may be
    positive; a row after the settlement (trade_type 1 to 3) takes money away, however the interface writes it.
#}
{% macro douyin_row_amount(fields) -%}
case
            when {{ fields }}.flow_no is null and {{ fields }}.trade_type in ('1', '2', '3')
                then '-' || trim(leading '+-' from {{ fen_text(fields ~ '.settle_amount') }})
            when {{ fields }}.flow_no is null then {{ fen_text(fields ~ '.settle_amount') }}
            when {{ fields }}.direction in ('出账', '支出') then '-' || trim(leading '+-' from {{ fields }}.moved_amount)
            else {{ fields }}.moved_amount
        end
{%- endmacro %}
{# The parts a settlement row names: line, component, kind, field of the interface, column of the export. #}
{% macro douyin_parts() %}
{{ return([
    ('02', 'freight', 'income', 'post_amount', 'freight_part'),
    ('03', 'freight', 'income', '', 'freight_subsidy_part'),
    ('04', 'platform_subsidy', 'income', 'platform_coupon', 'platform_part'),
    ('05', 'refund', 'refund', 'refund_before_settle', 'refund_part'),
    ('06', 'tech_fee', 'fee', 'platform_service_fee', 'platform_fee_part'),
    ('07', 'creator_fee', 'fee', 'commission', 'creator_fee_part'),
    ('08', 'affiliate_fee', 'fee', 'good_learn_channel_fee', 'channel_fee_part'),
    ('09', 'affiliate_fee', 'fee', 'colonel_service_fee', 'recruiter_fee_part'),
    ('10', 'affiliate_fee', 'fee', '', 'agency_fee_part'),
    ('11', 'ads', 'fee', 'channel_promotion_fee', 'promotion_fee_part'),
    ('12', 'adjustment', 'fee', 'other_sharing_amount', 'other_fee_part'),
    ('13', 'fulfilment', 'fee', 'packing_amount', ''),
]) }}
{% endmacro %}
