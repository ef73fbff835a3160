-- One row per platform ticket of a refund: its current version.
select * from {{ ref('int_ledger__refunds_versions') }}
where known_to is null
