-- One row per delivered invoice: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('invoices')) }}

with

{{ ledger_records('invoices') }}

select * from records
