-- One row per version of a settlement line.
{{ config(
    materialized='incremental' if is_fed('settlement_lines') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('settlement_lines') }}" if is_fed('settlement_lines') else [],
) }}

{% if is_fed('settlement_lines') %}
with

{{ ledger_versions('settlement_lines') }}

select * from versions
{% else %}
{{ empty_stream('settlement_lines') }}
{% endif %}
