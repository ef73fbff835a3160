-- One row per day of receipt, connection, stream, stage and currency: nothing may be lost between our own stages.
with

inputs as (

    select
        day,
        connection,
        stream,
        stage,
        currency,
        rows_in,
        rows_out,
        rows_quarantined,
        rows_excluded,
        amount_in,
        amount_out
    from {{ ref('int_ledger__conservation_inputs') }}

),

matched as (

    select
        files.day,
        records.connection,
        records.record_type as stream,
        'matched' as stage,
        records.currency,
        count(*) as rows_in,
        count(case when states.match_status in ('matched', 'differs', 'timing', 'open') then 1 end) as rows_out,
        0 as rows_quarantined,
        count(case when states.match_status = 'excluded' then 1 end) as rows_excluded,
        sum(records.amount) as amount_in,
        sum(case when states.match_status is not null then records.amount else 0 end) as amount_out
    from {{ ref('int_matching__records') }} as records
    inner join {{ ref('int_ledger__files') }} as files on records.file_id = files.file_id
    left join {{ ref('int_matching__record_states') }} as states
        on records.record_type = states.record_type and records.record_key = states.record_key
    group by files.day, records.connection, records.record_type, records.currency

),

stages as (

    select * from inputs
    union all
    select * from matched

)

select
    day,
    connection,
    stream,
    stage,
    currency,
    cast(rows_in as bigint) as rows_in,
    cast(rows_out as bigint) as rows_out,
    cast(rows_quarantined as bigint) as rows_quarantined,
    cast(rows_excluded as bigint) as rows_excluded,
    cast(amount_in as decimal(18, 2)) as amount_in,
    cast(amount_out as decimal(18, 2)) as amount_out,
    cast(rows_in - rows_out - rows_quarantined - rows_excluded as bigint) as residual_rows,
    cast(coalesce(amount_in, 0) - coalesce(amount_out, 0) as decimal(18, 2)) as residual_amount
from stages
