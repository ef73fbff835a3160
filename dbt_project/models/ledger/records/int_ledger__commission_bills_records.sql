-- One row per delivered line of a commission bill: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('commission_bills')) }}

with

{{ ledger_records('commission_bills') }}

select * from records
