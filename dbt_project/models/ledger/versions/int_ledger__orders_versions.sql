-- One row per version of a order.
{{ config(
    materialized='incremental' if is_fed('orders') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('orders') }}" if is_fed('orders') else [],
) }}

{% if is_fed('orders') %}
with

{{ ledger_versions('orders') }}

select * from versions
{% else %}
{{ empty_stream('orders') }}
{% endif %}
