-- One row per delivered return: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('returns')) }}

with

{{ ledger_records('returns') }}

select * from records
