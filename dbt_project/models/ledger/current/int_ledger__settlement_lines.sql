-- One row per settlement line: its current version.
select * from {{ ref('int_ledger__settlement_lines_versions') }}
where known_to is null
