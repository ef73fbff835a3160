-- One row per leg of a match of any level, with the match's number and verdict.
{%- set levels = ['order_payment', 'refund_payment', 'payment_flow', 'order_settlement', 'settlement_flow', 'payout_bank', 'order_shipment'] %}
with

every_level as (
{% for level in levels %}
    select '{{ level }}' as level, match_key, side, record_type, record_key, amount
    from {{ ref('int_matching__' ~ level ~ '_legs') }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
),

int_matching__legs as (

    select
        matches.match_id,
        every_level.*,
        matches.status
    from every_level
    inner join {{ ref('int_matching__matches') }} as matches
        on every_level.level = matches.level and every_level.match_key = matches.match_key

)

select * from int_matching__legs
