-- One row per delivered order that a list page named: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('listed_orders')) }}

with

{{ ledger_records('listed_orders') }}

select * from records
