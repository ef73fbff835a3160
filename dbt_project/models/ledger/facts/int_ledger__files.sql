-- One row per manifest entry: a file, or that nothing arrived, is unchanged or is missing, with what its connection is.
with

files as (

    select * from {{ source('archive', 'landed_files') }}

),

connections as (

    select * from {{ ref('int_ledger__connections') }}

),

int_ledger__files as (

    select
        -- keys
        files.file_id,
        files.connection,
        files.source,
        files.stream,
        files.day,
        -- parties
        connections.role,
        connections.entity,
        connections.platform,
        connections.store,
        connections.account,
        connections.currency,
        connections.expect,
        -- facts
        files.status,
        files.name,
        files.suffix,
        files.sha256,
        files.bytes,
        files.stated_rows,
        files.loaded_rows,
        files.refused_reason,
        files.error_class,
        files.error_code,
        files.reason,
        coalesce(files.status = 'nothing' or (files.status = 'arrived' and files.refused_reason is null), false) as is_complete,
        -- what brought something counts before what did not; among those the newest
        case
            when files.status <> 'unchanged'
                then cast(row_number() over (
                    partition by files.connection, files.stream, files.day, files.status = 'unchanged'
                    order by case when files.status in ('arrived', 'nothing') then 0 else 1 end, files.file_id desc
                ) as integer)
        end as answer_rank,
        -- times
        files.received_at,
        files.received_on,
        files.window_start,
        files.window_end
    from files
    left join connections on files.connection = connections.connection

)

select * from int_ledger__files
