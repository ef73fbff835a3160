-- One row per line of a commission bill: its current version.
select * from {{ ref('int_ledger__commission_bills_versions') }}
where known_to is null
