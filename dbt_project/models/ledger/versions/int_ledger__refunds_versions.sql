-- One row per version of a platform ticket of a refund.
{{ config(
    materialized='incremental' if is_fed('refunds') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('refunds') }}" if is_fed('refunds') else [],
) }}

{% if is_fed('refunds') %}
with

{{ ledger_versions('refunds') }}

select * from versions
{% else %}
{{ empty_stream('refunds') }}
{% endif %}
