-- One row per delivered control total of an account and day: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('statements')) }}

with

{{ ledger_records('statements') }}

select * from records
