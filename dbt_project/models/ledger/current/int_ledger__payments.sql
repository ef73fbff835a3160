-- One row per channel payment or refund of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('payments') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('payments') }}" if is_fed('payments') else [],
) }}

{{ open_records('payments') }}
