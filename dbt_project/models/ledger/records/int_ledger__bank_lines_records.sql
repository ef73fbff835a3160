-- One row per delivered bank line: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('bank_lines')) }}

with

{{ ledger_records('bank_lines') }}

select * from records
