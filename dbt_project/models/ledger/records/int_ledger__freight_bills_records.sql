-- One row per delivered line of a freight bill: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('freight_bills')) }}

with

{{ ledger_records('freight_bills') }}

select * from records
