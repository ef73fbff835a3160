{# A ledger stream as readers get it: the current records with their state, match and place in the archive. #}
{% macro record_mart(stream, record_type, columns, extra='') -%}
with

{{ stream }} as (

    select * from {{ ref('int_ledger__' ~ stream) }}

),

states as (

    select * from {{ ref('int_matching__record_states') }} where record_type = '{{ record_type }}'

),

files as (

    select file_id, sha256 from {{ ref('int_ledger__files') }}

)

select
    {{ stream }}.record_key,
    {{ stream }}.entity,
    {{ stream }}.platform,
    {{ stream }}.store,
    {{ stream }}.account,
    {{ stream }}.currency,
    {{ stream }}.business_date,
    {%- for column in columns %}
    {{ stream }}.{{ column }},
    {%- endfor %}
    states.match_status,
    states.match_id,
    states.open_amount,
    {{ stream }}.version,
    {{ stream }}.connection,
    files.sha256 as source_file_sha256,
    {{ stream }}.row_number as source_row
from {{ stream }}
left join states on {{ stream }}.record_key = states.record_key
left join files on {{ stream }}.file_id = files.file_id
-- what the merchant's own system says is compared, and never listed beside what it is compared with
where {{ stream }}.role = 'platform'
{%- endmacro %}
