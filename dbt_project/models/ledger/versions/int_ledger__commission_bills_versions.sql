-- One row per version of a line of a commission bill.
{{ config(
    materialized='incremental' if is_fed('commission_bills') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('commission_bills') }}" if is_fed('commission_bills') else [],
) }}

{% if is_fed('commission_bills') %}
with

{{ ledger_versions('commission_bills') }}

select * from versions
{% else %}
{{ empty_stream('commission_bills') }}
{% endif %}
