-- One row per movement of a wallet, deposit or ads account: its current version.
select * from {{ ref('int_ledger__fund_flows_versions') }}
where known_to is null
