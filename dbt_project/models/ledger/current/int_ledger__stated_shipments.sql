-- One row per waybill of an order of an open thread: its current version, as it was stated.
{{ config(
    materialized='incremental' if is_fed('shipments') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('shipments') }}" if is_fed('shipments') else [],
) }}

{{ open_records('shipments') }}
