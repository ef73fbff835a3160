-- One row per delivered stock balance: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('stock_balances')) }}

with

{{ ledger_records('stock_balances') }}

select * from records
