-- One row per delivered platform ticket of a refund: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('refunds')) }}

with

{{ ledger_records('refunds') }}

select * from records
