-- One row per delivered payout: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('payouts')) }}

with

{{ ledger_records('payouts') }}

select * from records
