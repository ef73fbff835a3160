-- One row per order line: its current version.
select * from {{ ref('int_ledger__order_lines_versions') }}
where known_to is null
