-- One row per delivered declared period: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('tax_declarations')) }}

with

{{ ledger_records('tax_declarations') }}

select * from records
