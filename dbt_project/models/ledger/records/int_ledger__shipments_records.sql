-- One row per delivered waybill of an order: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('shipments')) }}

with

{{ ledger_records('shipments') }}

select * from records
