-- One row per part of a settlement row that is not zero, and one for what the named parts leave of its amount.
{% set parts = douyin_parts() %}
{% set named = [] %}
{% for line_no, component, kind, field, column in parts %}
{% set value = signed_text('text_' ~ line_no) %}
{% set signed = {
    'refund': '-abs(' ~ value ~ ')',
    'income': 'case when is_later then -abs(' ~ value ~ ') else ' ~ value ~ ' end',
    'fee': 'case when is_file then ' ~ value ~ ' when is_later then abs(' ~ value
        ~ ') when fee_sign is not null then fee_sign * ' ~ value ~ ' else -abs(' ~ value ~ ') end',
}[kind] %}
{% do named.append(record_of([
    ('line_no', "'" ~ line_no ~ "'"), ('component', "'" ~ component ~ "'"), ('text', 'text_' ~ line_no),
    ('amount', 'cast(' ~ signed ~ ' as decimal(18, 2))'),
])) %}
{% endfor %}
{% set amounts = made_of_each('named', 'part', 'part.amount') %}
{% set rest %}
case
                    when not is_file and fields.trade_type = '0' then 'goods'
                    when is_later then 'refund'
                    when is_file and fields.scene in ('订单结算', '部分结算', '运费单结算', '货款结算入账') then 'goods'
                    when is_file and fields.scene like '%退款%' then 'refund'
                    when is_file then coalesce(fields.scene, '')
                    else 'trade_type ' || coalesce(fields.trade_type, '')
                end
{%- endset %}
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'request_no', 'settle_time', 'settle_amount', 'trade_type', 'total_income', 'shop_order_id', 'order_id',
            'flow_no', 'moved_at', 'direction', 'moved_amount', 'scene', 'sub_order_no', 'shop_order_no',
        ] + parts | map(attribute=3) | select | list + parts | map(attribute=4) | select | list) }} as fields
    from {{ source('douyin', 'douyin__settlements') }}

),

taken as (

    select
        file_id,
        row_number,
        landed_on,
        fields,
        fields.flow_no is not null as is_file,
        fields.flow_no is null and coalesce(fields.trade_type in ('1', '2', '3'), false) as is_later,
        {{ douyin_row_amount('fields') }} as row_amount
    from parsed
    where
        fields.flow_no is null
        or coalesce(nullif(fields.sub_order_no, ''), nullif(fields.shop_order_no, '')) is not null

),

valued as (

    select
        *,
        {% for line_no, component, kind, field, column in parts %}
        {% if field and column %}
        case when is_file then fields.{{ column }} else {{ fen_text('fields.' ~ field) }} end
        {%- elif field %}
        case when not is_file then {{ fen_text('fields.' ~ field) }} end
        {%- else %}
        case when is_file then fields.{{ column }} end
        {%- endif %} as text_{{ line_no }},
        {% endfor %}
        {{ signed_text('row_amount') }} as total,
        {{ signed_text(fen_text('fields.total_income')) }} as income
    from taken

),

told as (

    select
        *,
        {% for line_no, component, kind, field, column in parts if kind == 'fee' %}
        {{ '+ ' if not loop.first }}coalesce({{ signed_text('text_' ~ line_no) }}, 0)
        {% endfor %} as fees
    from valued

),

signed as (

    select
        *,
        -- whether fees are written with a minus is not documented: the row's own total tells
        case when total = income + fees then 1 when total = income - fees then -1 end as fee_sign
    from told

),

listed as (

    select
        *,
        {{ those_of(list_of(named), 'part', 'not ' ~ is_zero_text('part.text')) }} as named
    from signed

),

completed as (

    select
        *,
        {{ with_first(record_of([
            ('line_no', "'01'"),
            ('component', rest),
            ('text', "case when total is null then row_amount else 'the other parts' end"),
            ('amount', 'case when ' ~ all_known(amounts) ~ ' then cast(total - coalesce(' ~ sum_of(amounts)
                ~ ', 0) as decimal(18, 2)) end'),
        ]), 'named') }} as lines
    from listed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        coalesce(fields.request_no, fields.flow_no) as settlement_no,
        concat_ws('-', coalesce(nullif(fields.order_id, ''), nullif(fields.sub_order_no, '')), line.line_no) as line_no,
        coalesce(nullif(fields.shop_order_id, ''), nullif(fields.shop_order_no, '')) as order_no,
        coalesce(nullif(fields.order_id, ''), nullif(fields.sub_order_no, '')) as sub_order_no,
        case
            when line.component = 'platform_subsidy' and line.amount < 0 then 'subsidy_clawback' else line.component
        end as component,
        coalesce(cast(line.amount as string), line.text) as amount,
        left(coalesce(fields.settle_time, replace(fields.moved_at, '/', '-')), 10) as bill_date,
        coalesce(fields.settle_time, replace(fields.moved_at, '/', '-')) as settled_at
    from (select *, {{ each_item('lines') }} as line from completed) as parts

),

{{ typed_records(
    'settlement_lines',
    ['settlement_no', 'line_no', 'order_no', 'sub_order_no', 'component', 'amount', 'bill_date', 'settled_at'],
    zone='Asia/Shanghai',
) }}

select * from records
