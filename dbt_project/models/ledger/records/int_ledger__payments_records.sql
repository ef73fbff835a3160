-- One row per delivered channel payment or refund: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('payments')) }}

with

{{ ledger_records('payments') }}

select * from records
