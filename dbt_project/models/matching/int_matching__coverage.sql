-- One row per account or shop and kind of record that is pulled by day: the last day that was asked for and answered.
with

answered as (

    select
        coalesce(connections.account, connections.store) as place,
        bill_streams.record_type,
        files.day
    from {{ ref('int_ledger__files') }} as files
    inner join {{ ref('int_ledger__connections') }} as connections on files.connection = connections.connection
    inner join {{ ref('bill_streams') }} as bill_streams
        on files.source = bill_streams.source and files.stream = bill_streams.stream
    where files.window_start is not null and files.status is distinct from 'missing'

),

int_matching__coverage as (

    select
        place,
        record_type,
        max(day) as covered_to
    from answered
    where place is not null
    group by place, record_type

)

select * from int_matching__coverage
