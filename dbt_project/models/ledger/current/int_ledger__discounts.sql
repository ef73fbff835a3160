-- One row per discount of an order: its current version.
select * from {{ ref('int_ledger__discounts_versions') }}
where known_to is null
