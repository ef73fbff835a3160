-- One row per line of a settlement of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('settlement_lines') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('settlement_lines') }}" if is_fed('settlement_lines') else [],
) }}

{{ open_records('settlement_lines') }}
