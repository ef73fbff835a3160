-- One row per file, stream, currency and stage of the run's window: rows and money that went in, and what became of them.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{% if is_incremental() %}delete from {{ this }} where {{ in_window('landed_on') }}{% endif %}",
) }}

with

files as (

    select * from {{ source('archive', 'landed_files') }}
    where status = 'arrived'
    {% if is_incremental() %}
    and {{ in_window('day') }}
    {% endif %}

),

unreadable as (

    select file_id, count(*) as row_count from {{ source('archive', 'rejected_rows') }} group by file_id

),

{% for feed in raw_tables() %}
raw_{{ feed.source }}__{{ feed.table }} as (

    select file_id, count(*) as row_count
    from {{ source(feed.source, feed.source ~ '__' ~ feed.table) }}
    {% if is_incremental() %}
    where {{ in_window('landed_on') }}
    {% endif %}
    group by file_id

),

{% endfor %}
raw_rows as (

    select file_id, sum(row_count) as row_count
    from (
        {% for feed in raw_tables() %}
        select file_id, row_count from raw_{{ feed.source }}__{{ feed.table }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as counted
    group by file_id

),

landed as (

    select
        files.file_id,
        files.day as landed_on,
        files.stream,
        cast(null as string) as currency,
        'landed' as stage,
        case
            when files.refused_reason is null then coalesce(files.loaded_rows, 0) + coalesce(unreadable.row_count, 0)
            else coalesce(files.stated_rows, 1)
        end as rows_in,
        case when files.refused_reason is null then coalesce(files.loaded_rows, 0) else 0 end as rows_out,
        case
            when files.refused_reason is null then coalesce(unreadable.row_count, 0) else coalesce(files.stated_rows, 1)
        end as rows_quarantined,
        0 as rows_excluded,
        cast(null as decimal(38, 2)) as amount_in,
        cast(null as decimal(38, 2)) as amount_out
    from files
    left join unreadable on files.file_id = unreadable.file_id
    where files.source not in ('_rules', '_settings', '_decisions')

),

raw as (

    select
        files.file_id,
        files.day as landed_on,
        files.stream,
        cast(null as string) as currency,
        'raw' as stage,
        coalesce(files.loaded_rows, 0) as rows_in,
        coalesce(raw_rows.row_count, 0) as rows_out,
        0 as rows_quarantined,
        0 as rows_excluded,
        cast(null as decimal(38, 2)) as amount_in,
        cast(null as decimal(38, 2)) as amount_out
    from files
    left join raw_rows on files.file_id = raw_rows.file_id
    where files.refused_reason is null and files.source not in ('_rules', '_settings', '_decisions')

),

{% for stream in fed_streams() %}
{{ staged_counts(stream) }}
{% if stream_facts(stream).versions %}
{{ ledger_counts(stream) }}
{% endif %}
{% endfor %}
together as (

    select * from landed
    union all
    select * from raw
    {% for stream in fed_streams() %}
    union all
    select * from staged_{{ stream }}
    {% if stream_facts(stream).versions %}
    union all
    select * from ledger_{{ stream }}
    {% endif %}
    {% endfor %}

),

int_ledger__conservation_counts as (

    select
        file_id,
        landed_on,
        stream,
        currency,
        stage,
        cast(rows_in as bigint) as rows_in,
        cast(rows_out as bigint) as rows_out,
        cast(rows_quarantined as bigint) as rows_quarantined,
        cast(rows_excluded as bigint) as rows_excluded,
        cast(amount_in as decimal(18, 2)) as amount_in,
        cast(amount_out as decimal(18, 2)) as amount_out
    from together

)

select * from int_ledger__conservation_counts
