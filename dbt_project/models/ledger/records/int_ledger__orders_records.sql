-- One row per delivered order: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('orders')) }}

with

{{ ledger_records('orders') }}

select * from records
