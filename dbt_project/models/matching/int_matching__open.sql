-- One row per record and level where the record is in scope and no match claims it.
{%- set levels = matching_levels() %}
with

int_matching__open as (
{% for level in levels %}
    select
        level, record_type, record_key, side, situation, group_key, cast(amount as decimal(18, 2)) as amount,
        is_waiting, breaks_on, evident_on,
        {{ 'is_late_evening' if level == 'order_payment' else 'false' }} as is_late_evening,
        {{ 'expected_on' if level == 'payout_bank' else 'cast(null as date)' }} as expected_on
    from {{ ref('int_matching__' ~ level ~ '_open') }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
)

select * from int_matching__open
