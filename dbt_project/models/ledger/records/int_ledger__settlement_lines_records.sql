-- One row per delivered settlement line: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('settlement_lines')) }}

with

{{ ledger_records('settlement_lines') }}

select * from records
