-- One row per line of a commission bill of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('commission_bills') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('commission_bills') }}" if is_fed('commission_bills') else [],
) }}

{{ open_records('commission_bills') }}
