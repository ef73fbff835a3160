-- One row per row or file that could not be taken in, with the reason.
select
    connection,
    stream,
    received_on,
    source_file_sha256,
    source_row,
    column_name,
    reason,
    raw_row
from {{ ref('int_ledger__quarantine') }}
