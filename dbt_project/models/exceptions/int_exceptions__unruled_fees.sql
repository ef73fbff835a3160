-- One row per charge without a rule, of a place and kind of fee that charged at least three times.
{% set amounts = [
    'consideration_amount', 'goods_amount', 'paid_amount', 'goods_paid_amount', 'order_amount', 'early_base_amount',
    'early_refund_amount',
] %}
with

unruled as (

    select
        concat_ws(
            '|', coalesce(fees.platform, ''), coalesce(fees.store, ''), coalesce(fees.account, ''), fees.fee_type, fees.currency
        ) as group_key,
        fees.record_type,
        fees.record_key,
        fees.entity,
        fees.platform,
        fees.store,
        fees.account,
        fees.currency,
        fees.fee_type,
        {% for amount in amounts %}
        fees.{{ amount }},
        {% endfor %}
        fees.charged_amount,
        fees.ordered_on,
        fees.paid_on,
        fees.confirmed_on
    from {{ ref('int_exceptions__fee_checks') }} as checks
    inner join {{ ref('int_exceptions__charged_fees') }} as fees
        on
            checks.record_type = fees.record_type
            and checks.record_key = fees.record_key
            and checks.fee_type = fees.fee_type
    where checks.rule_id is null and checks.tied_rules is null

),

places as (

    select
        group_key,
        min(case when record_type = 'payment' then 1 else 0 end) = 1 as is_channel,
        max(case when early_base_amount <> 0 or early_refund_amount <> 0 then 1 else 0 end) = 1 as has_refunds
    from unruled
    group by group_key
    having count(*) >= 3 and sum(charged_amount) > 0

),

int_exceptions__unruled_fees as (

    select
        unruled.*,
        places.is_channel,
        places.has_refunds
    from unruled
    inner join places on unruled.group_key = places.group_key

)

select * from int_exceptions__unruled_fees
