-- One row per version of a discount of an order.
{{ config(
    materialized='incremental' if is_fed('discounts') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('discounts') }}" if is_fed('discounts') else [],
) }}

{% if is_fed('discounts') %}
with

{{ ledger_versions('discounts') }}

select * from versions
{% else %}
{{ empty_stream('discounts') }}
{% endif %}
