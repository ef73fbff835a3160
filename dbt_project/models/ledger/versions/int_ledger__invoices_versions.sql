-- One row per version of a invoice.
{{ config(
    materialized='incremental' if is_fed('invoices') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('invoices') }}" if is_fed('invoices') else [],
) }}

{% if is_fed('invoices') %}
with

{{ ledger_versions('invoices') }}

select * from versions
{% else %}
{{ empty_stream('invoices') }}
{% endif %}
