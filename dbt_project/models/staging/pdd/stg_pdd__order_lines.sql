-- One row per item of an order received.
with

items as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.order_sn') }} as order_sn,
        {{ each_item(json_field_list('record', '$.item_list', [
            'goods_id', 'sku_id', 'outer_id', 'goods_name', 'goods_price', 'goods_count',
        ])) }} as fields
    from {{ source('pdd', 'pdd__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(order_sn, '') as order_no,
        coalesce(nullif(fields.sku_id, ''), nullif(fields.goods_id, '')) as line_no,
        coalesce(nullif(fields.outer_id, ''), nullif(fields.sku_id, '')) as sku,
        nullif(fields.goods_name, '') as title,
        fields.goods_count as quantity,
        fields.goods_price as unit_price,
        -- an unreadable part shows itself instead of an empty product
        coalesce(
            cast({{ decimal_text('fields.goods_price', 2) }} * {{ decimal_text('fields.goods_count', 2) }} as string),
            concat_ws(' * ', fields.goods_price, fields.goods_count)
        ) as line_amount
    from items

),

{{ typed_records(
    'order_lines',
    ['order_no', 'line_no', 'sku', 'title', 'quantity', 'unit_price', 'line_amount'],
) }}

select * from records
