-- One row per delivered movement of a wallet, deposit or ads account: accepted or rejected, repeated deliveries included.
{{ config(enabled=is_fed('fund_flows')) }}

with

{{ ledger_records('fund_flows') }}

select * from records
