-- One row per account, kind of record and bill day that a bill source speaks of: whether that day's bill is complete.
with

bills as (

    select
        connections.account,
        bill_streams.record_type,
        files.connection,
        files.day,
        files.file_id,
        files.status,
        files.received_on,
        files.refused_reason,
        files.status = 'nothing' or (files.status = 'arrived' and files.refused_reason is null) as is_complete
    from {{ ref('int_ledger__files') }} as files
    inner join {{ ref('int_ledger__connections') }} as connections on files.connection = connections.connection
    inner join {{ ref('bill_streams') }} as bill_streams
        on files.source = bill_streams.source and files.stream = bill_streams.stream
    where
        files.status <> 'unchanged'
        and connections.account is not null
        -- a bank's answers that lie in a folder say their days by their statements
        and (bill_streams.record_type <> 'bank_line' or files.window_start is not null)

),

-- the newest answer that brought a bill decides; a later failed try takes nothing away from it
ranked as (

    select
        *,
        row_number() over (
            partition by account, record_type, day
            order by case when status in ('arrived', 'nothing') then 0 else 1 end, file_id desc
        ) as answer_rank,
        min(case when is_complete then received_on end) over (partition by account, record_type, day) as complete_on
    from bills

),

statement_days as (

    select
        account,
        'bank_line' as record_type,
        min(connection) as connection,
        day,
        bool_and(refused_reason is null) as is_complete,
        min(received_on) as complete_on
    from {{ ref('int_ledger__statements') }}
    where
        stream = 'bank_lines'
        and account is not null
        and day is not null
        -- a bank that is asked day by day has said so by its answers
        and account not in (select account from bills where record_type = 'bank_line')
    group by account, day

),

int_matching__account_days as (

    select account, record_type, day, connection, is_complete, complete_on from ranked where answer_rank = 1
    union all
    select account, record_type, day, connection, is_complete, complete_on from statement_days

)

select * from int_matching__account_days
