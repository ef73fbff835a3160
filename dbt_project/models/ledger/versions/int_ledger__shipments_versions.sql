-- One row per version of a waybill of an order.
{{ config(
    materialized='incremental' if is_fed('shipments') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('shipments') }}" if is_fed('shipments') else [],
) }}

{% if is_fed('shipments') %}
with

{{ ledger_versions('shipments') }}

select * from versions
{% else %}
{{ empty_stream('shipments') }}
{% endif %}
