-- One row per settlement: its current version.
select * from {{ ref('int_ledger__settlements_versions') }}
where known_to is null
