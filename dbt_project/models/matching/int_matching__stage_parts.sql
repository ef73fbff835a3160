-- One row per record, as the stage of matching counts it: in, and out in a match, an open item or by a rule.
with

int_matching__stage_parts as (

    select
        records.record_type,
        records.record_key,
        files.day,
        records.connection,
        records.currency,
        1 as rows_in,
        case when states.match_status in ('matched', 'differs', 'timing', 'open') then 1 else 0 end as rows_out,
        case when states.match_status = 'excluded' then 1 else 0 end as rows_excluded,
        records.amount as amount_in,
        cast(case when states.match_status is not null then records.amount else 0 end as decimal(18, 2)) as amount_out
    from {{ ref('int_matching__records') }} as records
    inner join {{ ref('int_ledger__files') }} as files on records.file_id = files.file_id
    left join {{ ref('int_matching__record_states') }} as states
        on records.record_type = states.record_type and records.record_key = states.record_key

)

select * from int_matching__stage_parts
