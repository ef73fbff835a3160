-- One row per settlement row of an order, from the interface (fen) or the export (yuan, direction in a column).
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'request_no', 'settle_time', 'settle_amount', 'trade_type', 'flow_no', 'moved_at', 'direction', 'moved_amount',
            'sub_order_no', 'shop_order_no',
        ]) }} as fields
    from {{ source('douyin', 'douyin__settlements') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        coalesce(fields.request_no, fields.flow_no) as settlement_no,
        {{ douyin_row_amount('fields') }} as total_amount,
        coalesce(fields.settle_time, replace(fields.moved_at, '/', '-')) as settled_at,
        fields.flow_no as wallet_flow_no
    from parsed
    -- a movement of no order is the ledger's alone
    where
        fields.flow_no is null
        or coalesce(nullif(fields.sub_order_no, ''), nullif(fields.shop_order_no, '')) is not null

),

{{ typed_records(
    'settlements',
    ['settlement_no', 'total_amount', 'settled_at', 'wallet_flow_no'],
    zone='Asia/Shanghai',
) }}

select * from records
