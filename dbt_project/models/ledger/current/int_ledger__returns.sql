-- One row per return of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('returns') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('returns') }}" if is_fed('returns') else [],
) }}

{{ open_records('returns') }}
