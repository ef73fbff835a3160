-- One row per delivered row of the run's window that has neither a key nor a reason, or both.
{{ config(meta={'dagster': {'ref': {'name': 'int_ledger__quarantine'}}}) }}

{% for stream in fed_streams() %}
select
    '{{ stream }}' as stream,
    file_id,
    row_number
from {{ ref('int_ledger__' ~ stream ~ '_records') }}
where
    {{ in_window('landed_on') }}
    and (
        (record_key is null) <> (reject_column is not null)
        or (reject_column is null) <> (reject_reason is null)
        or (reject_column is null) <> (raw_row is null)
    )
union all
{% endfor %}
select
    stream,
    file_id,
    source_row as row_number
from {{ ref('int_ledger__quarantine') }}
where reason is null or source_file_sha256 is null
