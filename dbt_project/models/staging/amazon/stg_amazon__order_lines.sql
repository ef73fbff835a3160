-- One row per item of an order received.
with

items as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.orderId') }} as order_no,
        {{ each_item(json_list('record', '$.orderItems')) }} as item
    from {{ source('amazon', 'amazon__orders') }}

),

read as (

    select
        *,
        {% for name, kind in {'goods': 'ITEM', 'discount': 'DISCOUNT'}.items() %}
        (
            select sum({{ signed_text(json_text('part', '$.subtotal.amount')) }})
            from {{ each_item(json_list('item', '$.proceeds.breakdowns')) }} as parts (part)
            where {{ json_text('part', '$.type') }} = '{{ kind }}'
        ) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
    from items

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('item', '$.product.price.unitPrice.currencyCode') }} as currency,
        order_no,
        {{ json_text('item', '$.orderItemId') }} as line_no,
        {{ json_text('item', '$.orderItemId') }} as sub_order_no,
        {{ json_text('item', '$.product.sellerSku') }} as sku,
        {{ json_text('item', '$.product.title') }} as title,
        {{ json_text('item', '$.quantityOrdered') }} as quantity,
        {{ json_text('item', '$.product.price.unitPrice.amount') }} as unit_price,
        cast(coalesce(goods, 0) as string) as line_amount,
        cast(abs(coalesce(discount, 0)) as string) as merchant_discount
    from read

),

{{ typed_records(
    'order_lines',
    [
        'currency', 'order_no', 'line_no', 'sub_order_no', 'sku', 'title', 'quantity', 'unit_price', 'line_amount',
        'merchant_discount',
    ],
) }}

select * from records
