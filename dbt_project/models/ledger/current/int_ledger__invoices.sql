-- One row per invoice of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('invoices') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('invoices') }}" if is_fed('invoices') else [],
) }}

{{ open_records('invoices') }}
