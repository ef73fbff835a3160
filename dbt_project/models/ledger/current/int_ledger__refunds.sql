-- One row per platform ticket of a refund of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('refunds') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('refunds') }}" if is_fed('refunds') else [],
) }}

{{ open_records('refunds') }}
