-- One row per waybill of an order: its current version.
select * from {{ ref('int_ledger__shipments_versions') }}
where known_to is null
