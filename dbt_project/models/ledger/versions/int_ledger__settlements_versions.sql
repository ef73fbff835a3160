-- One row per version of a settlement.
{{ config(
    materialized='incremental' if is_fed('settlements') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('settlements') }}" if is_fed('settlements') else [],
) }}

{% if is_fed('settlements') %}
with

{{ ledger_versions('settlements') }}

select * from versions
{% else %}
{{ empty_stream('settlements') }}
{% endif %}
