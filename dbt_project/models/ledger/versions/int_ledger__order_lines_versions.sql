-- One row per version of a order line.
{{ config(
    materialized='incremental' if is_fed('order_lines') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('order_lines') }}" if is_fed('order_lines') else [],
) }}

{% if is_fed('order_lines') %}
with

{{ ledger_versions('order_lines') }}

select * from versions
{% else %}
{{ empty_stream('order_lines') }}
{% endif %}
