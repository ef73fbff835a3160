-- One row per exception of a source against itself: missing or incomplete bills, restated records, unknown types.
with

files as (

    select
        *,
        coalesce(account, store, connection) || ' ' || day as day_key
    from {{ ref('int_ledger__files') }}

),

-- the days that were asked for at all, by any source that is pulled by day
asked as (

    select min(day) as first_day, max(day) as last_day
    from files
    where window_start is not null and expect = 'daily'

),

daily as (

    select
        connection,
        source,
        stream,
        min(account) as account,
        min(store) as store,
        min(day) as first_day,
        max(day) as last_day
    from files
    where expect = 'daily' and window_start is not null
    group by connection, source, stream

),

spoken_days as (

    select distinct connection, stream, day from files where window_start is not null and status <> 'missing'

),

absent_bills as (

    select
        daily.connection || '|' || daily.stream || '|' || calendar.day as anchor_key,
        coalesce(daily.account, daily.store, daily.connection) || ' ' || calendar.day as day_key,
        daily.connection,
        daily.account,
        daily.stream,
        calendar.day
    from daily
    inner join (select distinct day from {{ ref('int_ledger__calendar') }}) as calendar
        on calendar.day between daily.first_day and daily.last_day
    left join spoken_days
        on
            daily.connection = spoken_days.connection
            and daily.stream = spoken_days.stream
            and calendar.day = spoken_days.day
    where spoken_days.day is null

),

absent_statements as (

    select
        connections.connection || '|bank_lines|' || calendar.day as anchor_key,
        connections.account || ' ' || calendar.day as day_key,
        connections.connection,
        connections.account,
        'bank_lines' as stream,
        calendar.day
    from {{ ref('int_ledger__connections') }} as connections
    inner join {{ ref('int_ledger__accounts') }} as accounts
        on connections.account = accounts.account and accounts.kind = 'bank'
    cross join asked
    inner join {{ ref('int_ledger__calendar') }} as calendar
        on
            accounts.calendar = calendar.calendar
            and calendar.is_open
            and calendar.day between asked.first_day and asked.last_day
    left join {{ ref('int_matching__account_days') }} as account_days
        on
            connections.account = account_days.account
            and account_days.record_type = 'bank_line'
            and calendar.day = account_days.day
    where connections.expect = 'daily' and account_days.day is null

),

absent as (

    select * from absent_bills
    union all
    select * from absent_statements

),

-- E001: expected, due, and not there
source_missing as (

    select
        {{ exception_columns(
            'source', "'E001'", 'finding', "'bill'", 'anchor_key', '0',
            is_waiting=local_time(run_variable('as_of')) ~ ' < day + 1 + ' ~ hours('12'),
            breaks_on='day + 1', evident_on='day + 1', left_key='day_key', account='account',
            explanation="'No ' || stream || ' of ' || day || ' from ' || connection",
            explanation_zh="'未收到 ' || connection || ' ' || day || ' 的账单 ' || stream"
        ) }}
    from absent

),

-- E002: there, and in contradiction to itself
source_incomplete as (

    select
        {{ exception_columns(
            'source', "'E002'", 'finding', "'bill'",
            "connection || '|' || stream || '|' || day || case when window_start is null then '|' || sha256 else '' end",
            '0', evident_on='received_on', left_key='day_key', account='account', explanation='refused_reason',
            explanation_zh="'账单未通过核对，未入账：' || " ~ refusal_in_chinese('refused_reason')
        ) }}
    from files
    where refused_reason is not null and (window_start is null or answer_rank = 1)

),

-- empty files are all alike and say something each time
filled as (

    select distinct connection, stream, sha256 from files where status = 'arrived' and loaded_rows > 0

),

-- files of which every record was known already
repeated as (

    select file_id
    from {{ ref('int_ledger__conservation_counts') }}
    where stage = 'ledger'
    group by file_id
    having sum(rows_in) > 0 and sum(rows_excluded) = sum(rows_in)

),

-- E003: a file that came before, by its bytes or by all its records; an answer to a question may well be the same
source_duplicate as (

    select
        {{ exception_columns(
            'source', "'E003'", 'finding', "'bill'",
            "files.connection || '|' || files.stream || '|' || files.day || '|' || files.name", '0',
            evident_on='files.received_on', cleared_on='files.received_on', left_key='files.day_key',
            account='files.account',
            explanation="'The file ' || files.name || ' holds nothing that was not known already; it changes nothing'",
            explanation_zh="'文件 ' || files.name || ' 的内容此前均已导入，本次不产生任何变化'"
        ) }}
    from files
    left join repeated on files.file_id = repeated.file_id
    left join filled
        on
            case when files.status = 'unchanged' then files.connection end = filled.connection
            and files.stream = filled.stream
            and files.sha256 = filled.sha256
    where files.window_start is null and (repeated.file_id is not null or filled.sha256 is not null)

),

-- what two people corrected is no restatement of the source
decided as (

    select stream, record_key, known_at as told_at
    from {{ ref('int_ledger__corrections') }}
    union all
    select stream, record_key, ended_at as told_at
    from {{ ref('int_ledger__corrections') }}
    where ended_at is not null

),

restated as (

    {% for stream, record_type, amount in [
        ('payments', 'payment', 'amount'), ('fund_flows', 'fund_flow', 'signed_amount'),
        ('settlements', 'settlement', 'total_amount'), ('settlement_lines', 'settlement_line', 'amount'),
        ('bank_lines', 'bank_line', 'amount')
    ] %}
    select
        '{{ record_type }}' as record_type,
        newest.record_key,
        newest.version,
        newest.changed_columns,
        newest.received_on,
        newest.{{ amount }} - oldest.{{ amount }} as difference
    from {{ ref('int_ledger__' ~ stream ~ '_versions') }} as newest
    inner join {{ ref('int_ledger__' ~ stream ~ '_versions') }} as oldest
        on newest.record_key = oldest.record_key and oldest.version = 1
    where
        newest.known_to is null
        and newest.version > 1
        and (newest.record_key, newest.known_from) not in (select record_key, told_at from decided where stream = '{{ stream }}')
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- E004: a record that must not change came again with other content
source_restated as (

    select
        {{ exception_columns(
            'source', "'E004'", 'finding', 'record_type', 'record_key', 'abs(difference)',
            evident_on='received_on', difference='difference',
            explanation="'Version ' || version || ' changed ' || changed_columns",
            explanation_zh="'第 ' || version || ' 版更正了 ' || changed_columns"
        ) }}
    from restated

),

unknown as (

    select 'fund_flow' as record_type, record_key, amount, received_on, business_type as word, category_ties
    from {{ ref('int_ledger__fund_flows') }}
    where category is null
    union all
    select 'payment', record_key, amount, received_on, coalesce(source_type, source_status), null
    from {{ ref('int_ledger__payments') }}
    where (type is null and source_type is not null) or (status is null and source_status is not null)
    union all
    select 'payout', record_key, amount, received_on, source_status, null
    from {{ ref('int_ledger__payouts') }}
    where status is null and source_status is not null
    union all
    select 'order', record_key, buyer_paid, received_on, source_status, null
    from {{ ref('int_ledger__orders') }}
    where status is null and source_status is not null
    union all
    select 'refund', record_key, amount, received_on, coalesce(source_status, source_type), null
    from {{ ref('int_ledger__refunds') }}
    where (status is null and source_status is not null) or (type is null and source_type is not null)
    union all
    select 'settlement_line', record_key, abs(amount), received_on, source_component, null
    from {{ ref('int_ledger__settlement_lines') }}
    where component is null and source_component is not null

),

-- E005: a word of the source that no rule explains, or that two explain equally well
unknown_type as (

    select
        {{ exception_columns(
            'source', "'E005'", 'open', 'record_type', 'record_key', 'amount', evident_on='received_on',
            explanation="case when category_ties > 1 then category_ties || ' rules fit ' || word || ' equally well' else 'No rule explains the word ' || coalesce(word, '(empty)') end",
            explanation_zh="case when category_ties > 1 then category_ties || ' 条规则同样符合类型 ' || word else '没有规则能解释类型 ' || coalesce(word, '（空）') end"
        ) }}
    from unknown

),

-- E006: a flow that needs an order and names none, a ticket whose order nobody knows
orphan_ref as (

    select
        {{ exception_columns(
            'source', "'E006'", 'open', "'fund_flow'", 'flows.record_key', 'flows.amount', evident_on='flows.received_on',
            explanation="'A flow of category ' || flows.category || ' that names no order'",
            explanation_zh="'资金流水（' || " ~ in_chinese('flows.category') ~ " || '）应写明订单号而没有写明'"
        ) }}
    from {{ ref('int_ledger__fund_flows') }} as flows
    left join {{ ref('int_matching__payment_flow_members') }} as members
        on members.record_type = 'fund_flow' and flows.record_key = members.record_key
    where flows.category is not null and flows.needs_order and flows.order_no is null and members.record_key is null
    union all
    select
        {{ exception_columns(
            'source', "'E006'", 'open', "'refund'", 'record_key', 'amount',
            is_waiting='is_waiting', breaks_on='business_date + 2',
            evident_on='greatest(received_on, cast(business_date + 2 as date))',
            explanation="'The refund ticket names order ' || order_no || ', which is not known'",
            explanation_zh="'退款单所写的订单 ' || order_no || ' 查无此单'"
        ) }}
    from {{ ref('int_matching__orphan_tickets') }}

),

int_exceptions__source as (

    select * from source_missing
    union all
    select * from source_incomplete
    union all
    select * from source_duplicate
    union all
    select * from source_restated
    union all
    select * from unknown_type
    union all
    select * from orphan_ref

)

select * from int_exceptions__source
