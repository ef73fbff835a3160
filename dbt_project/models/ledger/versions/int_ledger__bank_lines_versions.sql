-- One row per version of a bank line.
{{ config(
    materialized='incremental' if is_fed('bank_lines') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('bank_lines') }}" if is_fed('bank_lines') else [],
) }}

{% if is_fed('bank_lines') %}
with

{{ ledger_versions('bank_lines') }}

select * from versions
{% else %}
{{ empty_stream('bank_lines') }}
{% endif %}
