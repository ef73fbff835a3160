-- One row per invoice: its current version.
select * from {{ ref('int_ledger__invoices_versions') }}
where known_to is null
