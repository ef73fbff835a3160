-- One row per version of a payout.
{{ config(
    materialized='incremental' if is_fed('payouts') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('payouts') }}" if is_fed('payouts') else [],
) }}

{% if is_fed('payouts') %}
with

{{ ledger_versions('payouts') }}

select * from versions
{% else %}
{{ empty_stream('payouts') }}
{% endif %}
