-- One row per item of an order received.
with

items as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.order_id') }} as order_id,
        {{ each_item(json_field_list('record', '$.order_detail.product_infos', [
            'product_unique_id', 'sku_id', 'out_sku_id', 'sku_code', 'title', 'sku_cnt', 'sale_price',
            'merchant_discounted_price',
        ])) }} as fields
    from {{ source('wechat_shop', 'wechat_shop__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(order_id, '') as order_no,
        coalesce(nullif(fields.product_unique_id, ''), nullif(fields.sku_id, '')) as line_no,
        nullif(fields.sku_id, '') as sub_order_no,
        coalesce(nullif(fields.out_sku_id, ''), nullif(fields.sku_code, ''), nullif(fields.sku_id, '')) as sku,
        nullif(fields.title, '') as title,
        fields.sku_cnt as quantity,
        {{ minor_text('fields.sale_price') }} as unit_price,
        -- an unreadable part shows itself instead of an empty product
        coalesce(
            cast({{ decimal_text(minor_text('fields.sale_price'), 2) }} * {{ decimal_text('fields.sku_cnt', 2) }} as string),
            concat_ws(' * ', fields.sale_price, fields.sku_cnt)
        ) as line_amount,
        {{ minor_text('fields.merchant_discounted_price') }} as merchant_discount
    from items

),

{{ typed_records(
    'order_lines',
    [
        'order_no', 'line_no', 'sub_order_no', 'sku', 'title', 'quantity', 'unit_price', 'line_amount',
        'merchant_discount',
    ],
) }}

select * from records
