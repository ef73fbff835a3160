-- One row per charge without a rule, of a place and kind of fee that charged at least three times.
{%- set columns = ['group_key', 'record_type', 'record_key', 'entity', 'platform', 'store', 'account', 'currency', 'fee_type'] + fee_amounts() + ['charged_amount', 'ordered_on', 'paid_on', 'confirmed_on'] %}
with

unruled as (

    {% for relation in [ref('int_exceptions__charges_without_rule'), source('closed', 'charges_without_rule')] %}
    select {{ columns | join(', ') }} from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

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
