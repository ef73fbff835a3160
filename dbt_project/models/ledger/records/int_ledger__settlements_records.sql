-- One row per delivered settlement: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('settlements')) }}

with

{{ ledger_records('settlements') }}

select * from records
