-- One row per sub-order of a trade detail received.
with

lines as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.tid') }} as tid,
        {{ each_item(json_field_list('record', '$.orders.order', [
            'oid', 'outer_sku_id', 'outer_iid', 'num_iid', 'title', 'cid', 'num', 'price', 'total_fee', 'part_mjz_discount',
        ])) }} as fields
    from {{ source('taobao', 'taobao__trade_details') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        tid as order_no,
        fields.oid as line_no,
        fields.oid as sub_order_no,
        coalesce(fields.outer_sku_id, fields.outer_iid, fields.num_iid) as sku,
        fields.title,
        fields.cid as category,
        fields.num as quantity,
        fields.price as unit_price,
        fields.total_fee as line_amount,
        fields.part_mjz_discount as merchant_discount
    from lines

),

{{ typed_records(
    'order_lines',
    [
        'order_no', 'line_no', 'sub_order_no', 'sku', 'title', 'category', 'quantity', 'unit_price', 'line_amount',
        'merchant_discount',
    ],
) }}

select * from records
