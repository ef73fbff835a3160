-- One row per delivered discount of an order: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('discounts')) }}

with

{{ ledger_records('discounts') }}

select * from records
