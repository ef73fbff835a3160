-- One row per version of a line of a freight bill.
{{ config(
    materialized='incremental' if is_fed('freight_bills') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('freight_bills') }}" if is_fed('freight_bills') else [],
) }}

{% if is_fed('freight_bills') %}
with

{{ ledger_versions('freight_bills') }}

select * from versions
{% else %}
{{ empty_stream('freight_bills') }}
{% endif %}
