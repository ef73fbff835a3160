-- One row per line of a freight bill of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('freight_bills') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('freight_bills') }}" if is_fed('freight_bills') else [],
) }}

{{ open_records('freight_bills') }}
