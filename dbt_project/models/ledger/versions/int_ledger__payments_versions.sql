-- One row per version of a channel payment or refund.
{{ config(
    materialized='incremental' if is_fed('payments') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('payments') }}" if is_fed('payments') else [],
) }}

{% if is_fed('payments') %}
with

{{ ledger_versions('payments') }}

select * from versions
{% else %}
{{ empty_stream('payments') }}
{% endif %}
