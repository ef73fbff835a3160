-- One row per answer of a carrier about a waybill: accepted or rejected, repeated answers included.
{{ config(enabled=is_fed('trackings')) }}

with

{{ ledger_records('trackings') }}

select * from records
