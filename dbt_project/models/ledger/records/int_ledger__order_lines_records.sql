-- One row per delivered order line: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('order_lines')) }}

with

{{ ledger_records('order_lines') }}

select * from records
