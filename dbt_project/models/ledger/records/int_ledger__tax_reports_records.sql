-- One row per delivered quarter that a platform reports: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('tax_reports')) }}

with

{{ ledger_records('tax_reports') }}

select * from records
