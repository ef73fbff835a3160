-- One row per party, place, day, rule or file that is named more than once, or not at all.
-- Every join of the ledger and of matching on these names rests on it.
{{ config(meta={'dagster': {'ref': {'name': 'int_ledger__places'}}}) }}

{% set keys = {
    'entities': 'entity', 'stores': 'store', 'accounts': 'account', 'connections': 'connection',
    'store_payments': "store || '|' || account", 'places': "kind || '|' || place", 'parameters': "'one'",
    'calendar': "calendar || '|' || cast(day as varchar)", 'bank_calendar': "calendar || '|' || cast(day as varchar)",
    'fee_rules': 'rule_id', 'settlement_rules': 'rule_id', 'promise_rules': 'rule_id', 'match_rules': 'rule_id',
    'flow_categories': 'rule_id', 'owners': 'code', 'files': 'cast(file_id as varchar)',
    'statements': 'statement_key',
} %}
{% for name, key in keys.items() %}
select
    '{{ name }}' as relation,
    {{ key }} as named
from {{ ref('int_ledger__' ~ name) }}
group by {{ key }}
having count(*) > 1 or {{ key }} is null
{{ 'union all' if not loop.last }}
{% endfor %}
