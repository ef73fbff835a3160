-- One row per charge without a rule, with the amounts that a rule may be about.
with

int_exceptions__charges_without_rule as (

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
        {% for amount in fee_amounts() %}
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

)

select * from int_exceptions__charges_without_rule
