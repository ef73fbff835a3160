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
        day,
        connection,
        record_type as stream,
        'matched' as stage,
        currency,
        sum(rows_in) as rows_in,
        sum(rows_out) as rows_out,
        0 as rows_quarantined,
        sum(rows_excluded) as rows_excluded,
        sum(amount_in) as amount_in,
        sum(amount_out) as amount_out
    from (
        {% for relation in [ref('int_matching__stage_parts'), source('closed', 'stage_sums')] %}
        select day, connection, record_type, currency, rows_in, rows_out, rows_excluded, amount_in, amount_out
        from {{ relation }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    ) as parts
    group by day, connection, record_type, currency
    having sum(rows_in) > 0

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
