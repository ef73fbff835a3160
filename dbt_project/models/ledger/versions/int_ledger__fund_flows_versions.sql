-- One row per version of a movement of a wallet, deposit or ads account, with the category that the rules give it.
{{ config(
    materialized='incremental' if is_fed('fund_flows') else 'view',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_touched('fund_flows') }}" if is_fed('fund_flows') else [],
) }}

{% if is_fed('fund_flows') %}
with

{{ ledger_versions('fund_flows', ['category', 'category_rule_id', 'category_ties', 'needs_order', 'signed_amount']) }}

select * from versions
{% else %}
{{ empty_stream('fund_flows', {'category_rule_id': 'varchar', 'category_ties': 'integer', 'needs_order': 'boolean', 'signed_amount': 'decimal(18, 2)'}) }}
{% endif %}
