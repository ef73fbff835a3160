{# The CTE `window_rule` of a pass of payouts and bank credits: so many days before and after the payout's start. #}
{% macro window_rule(pass) -%}
window_rule as (

    select
        coalesce(max(window_before), 0) as days_before,
        coalesce(max(window_after), 15) as days_after
    from {{ ref('int_ledger__match_rules') }}
    where level = 'payout_bank' and pass = '{{ pass }}'

)
{%- endmacro %}

{# Whether a credit is booked inside the window of a payout. #}
{% macro is_in_bank_window(lines, payouts) -%}
{{ lines }}.business_date between {{ payouts }}.business_date - window_rule.days_before
        and {{ payouts }}.business_date + window_rule.days_after
{%- endmacro %}
