-- One row per sub-order of a shop order received; product and sku numbers beyond 2⁵³ stay text.
with

lines as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.order_id') }} as shop_order_no,
        {{ each_item(json_field_list('record', '$.sku_order_list', [
            'order_id', 'code', 'out_sku_id', 'sku_id', 'product_name', 'third_cid', 'item_num', 'origin_amount',
        ])) }} as fields
    from {{ source('douyin', 'douyin__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        shop_order_no as order_no,
        fields.order_id as line_no,
        fields.order_id as sub_order_no,
        coalesce(nullif(fields.code, ''), nullif(fields.out_sku_id, ''), fields.sku_id) as sku,
        fields.product_name as title,
        nullif(fields.third_cid, '0') as category,
        fields.item_num as quantity,
        {{ fen_text('fields.origin_amount') }} as unit_price,
        case
            when {{ full_match('fields.origin_amount', '[0-9]{1,12}') }} and {{ full_match('fields.item_num', '[0-9]{1,6}') }}
                then {{ fen_text('cast(cast(fields.origin_amount as bigint) * cast(fields.item_num as bigint) as string)') }}
        end as line_amount
    from lines

),

{{ typed_records(
    'order_lines',
    ['order_no', 'line_no', 'sub_order_no', 'sku', 'title', 'category', 'quantity', 'unit_price', 'line_amount'],
) }}

select * from records
