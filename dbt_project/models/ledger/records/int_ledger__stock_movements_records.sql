-- One row per delivered stock movement: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('stock_movements')) }}

with

{{ ledger_records('stock_movements') }}

select * from records
