-- One row per statement: what a file, page, bill or the merchant says about an account and day, in canonical streams.
with

stated as (

    select * from {{ source('archive', 'statements') }}

),

files as (

    select * from {{ ref('int_ledger__files') }}

),

accounts as (

    select * from {{ ref('int_ledger__accounts') }}

),

canonical as (

    {% for feed in canonical_streams() %}
    select '{{ feed.source }}' as source, '{{ feed.source_stream }}' as source_stream, '{{ feed.stream }}' as stream
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

of_files as (

    select
        cast(stated.file_id as string) || '/' || cast(stated.statement_index as string) as statement_key,
        stated.file_id,
        stated.statement_index,
        stated.source,
        stated.connection,
        coalesce(canonical.stream, files.stream) as stream,
        coalesce(files.account, stated.account) as account,
        files.store,
        coalesce(stated.currency, files.currency) as currency,
        stated.statement_no,
        coalesce(stated.day, files.day) as day,
        {% for name in ['opening_balance', 'closing_balance'] %}
        {{ signed_text('stated.' ~ name) }} as {{ name }},
        {% endfor %}
        cast(stated.row_count as bigint) as row_count,
        {{ signed_text('stated.in_sum') }} as in_sum,
        {{ signed_text('stated.out_sum') }} as out_sum,
        cast(stated.stated_row_count as bigint) as stated_row_count,
        {{ signed_text('stated.stated_in_sum') }} as stated_in_sum,
        {{ signed_text('stated.stated_out_sum') }} as stated_out_sum,
        files.refused_reason,
        files.received_at,
        files.received_on,
        stated.statement_index as place_no
    from stated
    inner join files on stated.file_id = files.file_id
    left join canonical on stated.source = canonical.source and files.stream = canonical.source_stream

),

{% if is_fed('statements') %}
-- the merchant's own control totals: what they say is stated, nothing is counted
of_merchant as (

    select
        cast(records.file_id as string) || '#' || cast(records.row_number as string) as statement_key,
        records.file_id,
        cast(null as integer) as statement_index,
        records.source,
        records.connection,
        records.stream,
        records.account,
        records.store,
        records.currency,
        cast(null as string) as statement_no,
        records.day,
        records.opening_balance,
        records.closing_balance,
        cast(null as bigint) as row_count,
        cast(null as decimal(18, 2)) as in_sum,
        cast(null as decimal(18, 2)) as out_sum,
        records.row_count as stated_row_count,
        records.in_sum as stated_in_sum,
        records.out_sum as stated_out_sum,
        cast(null as string) as refused_reason,
        records.known_at as received_at,
        records.received_on,
        records.row_number as place_no
    from {{ ref('int_ledger__statements_records') }} as records
    where records.reject_column is null

),

{% endif %}
together as (

    select * from of_files
    {% if is_fed('statements') %}
    union all
    select * from of_merchant
    {% endif %}

),

int_ledger__statements as (

    select
        -- keys
        together.statement_key,
        together.file_id,
        together.statement_index,
        together.source,
        together.connection,
        together.stream,
        -- parties
        accounts.entity,
        accounts.platform,
        together.store,
        together.account,
        together.currency,
        together.statement_no,
        together.day,
        -- money
        together.opening_balance,
        together.closing_balance,
        together.row_count,
        together.in_sum,
        together.out_sum,
        together.stated_row_count,
        together.stated_in_sum,
        together.stated_out_sum,
        -- provenance
        together.refused_reason,
        together.received_at,
        together.received_on,
        row_number() over (
            partition by
                together.source, together.connection, together.account, together.stream, together.day, together.statement_no
            order by together.file_id desc, together.place_no desc
        ) = 1 as is_current
    from together
    left join accounts on together.account = accounts.account

)

select * from int_ledger__statements
