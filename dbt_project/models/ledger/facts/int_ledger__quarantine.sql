-- One row per row or file that could not be taken into the ledger, with the reason.
with

files as (

    select * from {{ ref('int_ledger__files') }}

),

{% for stream in fed_streams() %}
rejected_{{ stream }} as (

    select '{{ stream }}' as stream, file_id, row_number, reject_column as column_name, reject_reason as reason, raw_row
    from {{ ref('int_ledger__' ~ stream ~ '_records') }}
    where reject_column is not null

),

{% endfor %}
{% if is_fed('listed_orders') %}
-- a page named the trade, but no detail of it could be taken in: it is incomplete until one is
listed as (

    select 'listed_orders' as stream, file_id, row_number, 'order_no' as column_name,
        'a list page names this order, but no readable detail of it has arrived' as reason,
        {{ json_row([['order_no', 'order_no']]) }} as raw_row
    from {{ ref('int_ledger__listed_orders_records') }}
    where
        reject_column is null
        and record_key not in (select record_key from {{ ref('int_ledger__orders_versions') }})

),

{% endif %}
{% if is_fed('orders') %}
without_amount as (

    select 'orders' as stream, file_id, row_number,
        case when goods_amount is null then 'goods_amount' else 'buyer_paid' end as column_name,
        'required, unless order_lines of the order come along' as reason,
        {{ json_row([['order_no', 'order_no'], ['buyer_paid', 'cast(buyer_paid as string)']]) }} as raw_row
    from {{ ref('int_ledger__orders_versions') }}
    where
        known_to is null
        and (goods_amount is null or buyer_paid is null)
        and record_key not in (select record_key from {{ ref('int_ledger__orders') }})

),

{% endif %}
unreadable as (

    select files.stream, rejected.file_id, rejected.row_number, cast(null as string) as column_name, rejected.reason,
        -- a line that cannot be split into cells cannot be masked cell by cell
        '***' as raw_row
    from {{ source('archive', 'rejected_rows') }} as rejected
    inner join files on rejected.file_id = files.file_id

),

refused as (

    select stream, file_id, cast(null as bigint) as row_number, cast(null as string) as column_name,
        refused_reason as reason, cast(null as string) as raw_row
    from files
    where refused_reason is not null

),

together as (

    {% for stream in fed_streams() %}
    select stream, file_id, row_number, column_name, reason, raw_row from rejected_{{ stream }}
    union all
    {% endfor %}
    {% if is_fed('listed_orders') %}
    select stream, file_id, row_number, column_name, reason, raw_row from listed
    union all
    {% endif %}
    {% if is_fed('orders') %}
    select stream, file_id, row_number, column_name, reason, raw_row from without_amount
    union all
    {% endif %}
    select stream, file_id, row_number, column_name, reason, raw_row from unreadable
    union all
    select stream, file_id, row_number, column_name, reason, raw_row from refused

),

int_ledger__quarantine as (

    select
        files.connection,
        together.stream,
        files.day as landed_on,
        files.received_on,
        together.file_id,
        files.sha256 as source_file_sha256,
        together.row_number as source_row,
        together.column_name,
        together.reason,
        together.raw_row
    from together
    inner join files on together.file_id = files.file_id

)

select * from int_ledger__quarantine
