-- One row per discount of an order of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('discounts') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('discounts') }}" if is_fed('discounts') else [],
) }}

{{ open_records('discounts') }}
