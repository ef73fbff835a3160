-- One row per version of a return.
{{ config(
    materialized='incremental' if is_fed('returns') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_touched('returns') }}" if is_fed('returns') else [],
) }}

{% if is_fed('returns') %}
with

{{ ledger_versions('returns') }}

select * from versions
{% else %}
{{ empty_stream('returns') }}
{% endif %}
