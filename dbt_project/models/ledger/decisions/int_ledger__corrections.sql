-- One row per field of a record that two people corrected: another value, a number or a category that was missing, or the
-- amount that is left when a part of it becomes a record of its own.
{%- set money = [] %}
{%- for stream in stream_definitions() %}
    {%- for column in ledger_columns(stream) if column.kind in ['money', 'signed'] and column.name not in money %}
        {%- do money.append(column.name) %}
    {%- endfor %}
{%- endfor %}
{{ config(materialized='table') }}
with

decisions as (

    select
        *,
        record_type || 's' as stream
    from {{ ref('int_ledger__decisions') }}
    where
        action in ('correct', 'link', 'map', 'split')
        and verdict = 'approved'
        and new_value is not null
        -- what was approved covers what is moved
        and (
            field not in ('{{ money | join("', '") }}')
            or abs(try_cast(new_value as decimal(18, 2)) - coalesce(try_cast(old_value as decimal(18, 2)), 0)) <= amount
        )
        and (action <> 'split' or try_cast(new_value as decimal(18, 2)) > 0)

),

-- a field is corrected once at a time: who corrects it otherwise takes the first one back before
hindered as (

    select distinct later.decision_id
    from decisions as later
    inner join decisions as earlier
        on
            later.stream = earlier.stream
            and later.record_key = earlier.record_key
            and later.field = earlier.field
            and later.verdict_sequence > earlier.verdict_sequence
            and later.verdict_sequence < coalesce(earlier.reversal_sequence, later.verdict_sequence + 1)

),

files as (

    select file_id, received_at, received_on from {{ source('archive', 'landed_files') }}

),

int_ledger__corrections as (

    select
        -- keys
        decisions.decision_id,
        decisions.stream,
        decisions.record_key,
        decisions.field,
        decisions.old_value,
        decisions.new_value,
        -- a part that was split off, and the number that it is given
        case when decisions.action = 'split' then decisions.record_key || '/' || decisions.decision_id end as part_key,
        case when decisions.action = 'split' then decisions.amount end as part_amount,
        decisions.part_ref,
        -- from the approval on
        decisions.verdict_file_id as file_id,
        decisions.verdict_row_number as row_number,
        decisions.verdict_landed_on as landed_on,
        approved_in.received_at as known_at,
        approved_in.received_on,
        -- up to the reversal
        decisions.reversal_file_id as ended_file_id,
        decisions.reversal_row_number as ended_row_number,
        decisions.reversal_landed_on as ended_landed_on,
        ended_in.received_at as ended_at,
        ended_in.received_on as ended_on
    from decisions
    inner join files as approved_in on decisions.verdict_file_id = approved_in.file_id
    left join files as ended_in on decisions.reversal_file_id = ended_in.file_id
    where decisions.decision_id not in (select decision_id from hindered)

)

select * from int_ledger__corrections
