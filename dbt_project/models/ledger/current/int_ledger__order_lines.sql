-- One row per order line of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('order_lines') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('order_lines') }}" if is_fed('order_lines') else [],
) }}

{{ open_records('order_lines') }}
