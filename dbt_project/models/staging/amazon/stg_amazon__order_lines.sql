-- One row per item of an order received.
with

items as (

    select
        file_id,
        row_number,
        landed_on,
        record ->> '$.orderId' as order_no,
        unnest(json_extract(record, '$.orderItems[*]')) as item
    from {{ source('amazon', 'amazon__orders') }}

),

read as (

    select
        *,
        {% for name, kind in {'goods': 'ITEM', 'discount': 'DISCOUNT'}.items() %}
        (
            select sum({{ signed_text("(part ->> '$.subtotal.amount')") }})
            from unnest(json_extract(item, '$.proceeds.breakdowns[*]')) as parts (part)
            where part ->> '$.type' = '{{ kind }}'
        ) as {{ name }},
        {% endfor %}
    from items

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        item ->> '$.product.price.unitPrice.currencyCode' as currency,
        order_no,
        item ->> '$.orderItemId' as line_no,
        item ->> '$.orderItemId' as sub_order_no,
        item ->> '$.product.sellerSku' as sku,
        item ->> '$.product.title' as title,
        item ->> '$.quantityOrdered' as quantity,
        item ->> '$.product.price.unitPrice.amount' as unit_price,
        cast(coalesce(goods, 0) as varchar) as line_amount,
        cast(abs(coalesce(discount, 0)) as varchar) as merchant_discount
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
