-- What was closed is taken out of a sum once: no count falls below zero, and where none is left no money is.
-- What adds closed sums to open parts rests on this, for it leaves out what counts nothing.
{{ config(meta={'dagster': {'ref': {'name': 'daily_reconciliation'}}}) }}
{% set sums = {
    'control_sums': [
        ['day', 'entity', 'store', 'account', 'control', 'currency'], 'parts',
        ['left_amount', 'right_amount', 'timing_out', 'timing_in', 'exception_amount'],
    ],
    'stage_sums': [
        ['day', 'connection', 'record_type', 'currency'], 'rows_in', ['rows_out', 'rows_excluded', 'amount_in', 'amount_out'],
    ],
    'cube_sums': [
        [
            'day', 'entity', 'platform', 'store', 'currency', 'paid_state', 'delivered_state', 'invoiced_state',
        ], 'orders', ['amount'],
    ],
    'kpi_sums': [['day', 'entity', 'store', 'level', 'currency', 'measure'], 'items', ['amount', 'base_amount']],
    'settlement_sums': [['store', 'settlement_no', 'currency'], 'lines', ['amount']],
    'lag_sums': [
        ['kind', 'place', 'account', 'rule_id', 'lag_days', 'calendar', 'started_on', 'arrived_on'], 'event_count', [],
    ],
} %}
{% for table, (keys, count, amounts) in sums.items() %}
select '{{ table }}' as sums, sum({{ count }}) as left_over
from {{ source('closed', table) }}
group by {{ keys | join(', ') }}
having
    sum({{ count }}) < 0
    {% for amount in amounts %}
    or (sum({{ count }}) = 0 and sum({{ amount }}) <> 0)
    {% endfor %}
{{ 'union all' if not loop.last }}
{% endfor %}
