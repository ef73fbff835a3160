-- One row per connection and stream of the archive, and one for its list: its class, and until when its files are to be kept.
with

classes as (

    select source, stream, retention_class, retention_years
    from {{ ref('retention_classes') }}

),

received as (

    select
        connection,
        source,
        stream,
        count(*) as file_count,
        sum(bytes) as total_bytes,
        min(greatest(day, received_on)) as oldest_on,
        max(greatest(day, received_on)) as newest_on
    from {{ ref('int_ledger__files') }}
    where status = 'arrived'
    group by connection, source, stream

),

-- the more specific row; the one without source and stream holds for all others
classed as (

    select
        received.*,
        classes.retention_class,
        classes.retention_years,
        row_number() over (
            partition by received.connection, received.stream
            order by
                case when classes.source is not null then 0 else 1 end,
                case when classes.stream is not null then 0 else 1 end,
                classes.retention_class
        ) as class_no
    from received
    inner join classes
        on
            coalesce(classes.source, received.source) = received.source
            and coalesce(classes.stream, received.stream) = received.stream

)

-- the years are counted from the end of the year to which a file belongs
select
    connection,
    source,
    stream,
    retention_class,
    cast(retention_years as integer) as retention_years,
    cast(file_count as bigint) as file_count,
    cast(total_bytes as bigint) as total_bytes,
    oldest_on,
    newest_on,
    cast(cast(extract(year from oldest_on) + retention_years as string) || '-12-31' as date) as keep_oldest_until,
    cast(cast(extract(year from newest_on) + retention_years as string) || '-12-31' as date) as keep_newest_until
from classed
where class_no = 1
union all
-- what there is at all, and every run: for ever
select
    '_archive' as connection,
    '_archive' as source,
    list_name as stream,
    'archive_list' as retention_class,
    cast(null as integer) as retention_years,
    cast(1 as bigint) as file_count,
    cast(null as bigint) as total_bytes,
    min(received.oldest_on) as oldest_on,
    max(received.newest_on) as newest_on,
    cast(null as date) as keep_oldest_until,
    cast(null as date) as keep_newest_until
from (select 'manifest' as list_name union all select 'run_ledger' as list_name) as lists
cross join received
group by list_name
