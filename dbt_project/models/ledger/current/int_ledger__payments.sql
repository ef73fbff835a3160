-- One row per channel payment or refund: its current version.
select * from {{ ref('int_ledger__payments_versions') }}
where known_to is null
