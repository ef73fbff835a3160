-- One row per delivered account balance of the accounting system: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('ledger_balances')) }}

with

{{ ledger_records('ledger_balances') }}

select * from records
