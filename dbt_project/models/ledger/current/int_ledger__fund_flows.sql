-- One row per movement of a wallet, deposit or ads account of an open thread: its current version.
{{ config(
    materialized='incremental' if is_fed('fund_flows') else 'view',
    incremental_strategy='append',
    pre_hook="{{ delete_received('fund_flows') }}" if is_fed('fund_flows') else [],
) }}

{{ open_records('fund_flows') }}
