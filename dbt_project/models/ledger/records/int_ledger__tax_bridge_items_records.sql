-- One row per delivered item of a tax bridge: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('tax_bridge_items')) }}

with

{{ ledger_records('tax_bridge_items') }}

select * from records
