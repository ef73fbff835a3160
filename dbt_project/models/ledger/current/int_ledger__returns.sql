-- One row per return: its current version.
select * from {{ ref('int_ledger__returns_versions') }}
where known_to is null
