-- One row per bank line: its current version.
select * from {{ ref('int_ledger__bank_lines_versions') }}
where known_to is null
