-- One row per connection, stream, day, currency and stage: rows and money in, out, in quarantine and excluded.
with

counts as (

    select * from {{ ref('int_ledger__conservation_counts') }}

),

files as (

    select * from {{ ref('int_ledger__files') }}

),

int_ledger__conservation_inputs as (

    select
        files.connection,
        counts.stream,
        counts.landed_on as day,
        coalesce(counts.currency, files.currency, {{ run_variable('base_currency') }}) as currency,
        counts.stage,
        cast(sum(counts.rows_in) as bigint) as rows_in,
        cast(sum(counts.rows_out) as bigint) as rows_out,
        cast(sum(counts.rows_quarantined) as bigint) as rows_quarantined,
        cast(sum(counts.rows_excluded) as bigint) as rows_excluded,
        cast(sum(counts.amount_in) as decimal(18, 2)) as amount_in,
        cast(sum(counts.amount_out) as decimal(18, 2)) as amount_out
    from counts
    inner join files on counts.file_id = files.file_id
    group by
        files.connection, counts.stream, counts.landed_on, coalesce(counts.currency, files.currency, {{ run_variable('base_currency') }}), counts.stage

)

select * from int_ledger__conservation_inputs
