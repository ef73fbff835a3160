-- One row per line of an order received.
with

lines as (

    select
        file_id,
        row_number,
        landed_on,
        split_part({{ json_text('record', '$.id') }}, '/', -1) as order_no,
        {{ each_item(json_list('record', '$.lineItems.nodes')) }} as line
    from {{ source('shopify', 'shopify__orders') }}

),

priced as (

    select
        *,
        {{ json_text('line', '$.originalTotalSet.shopMoney.currencyCode') }} as currency,
        {{ json_text_list('line', '$.discountAllocations', 'allocatedAmountSet.shopMoney.amount') }} as discounts
    from lines

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        order_no,
        split_part({{ json_text('line', '$.id') }}, '/', -1) as line_no,
        nullif({{ json_text('line', '$.sku') }}, '') as sku,
        {{ json_text('line', '$.name') }} as title,
        {{ json_text('line', '$.quantity') }} as quantity,
        {{ json_text('line', '$.originalUnitPriceSet.shopMoney.amount') }} as unit_price,
        {{ json_text('line', '$.originalTotalSet.shopMoney.amount') }} as line_amount,
        cast(
            (select coalesce(sum({{ signed_text('discount') }}), 0) from {{ each_item('discounts') }} as shares (discount)) as string
        ) as merchant_discount
    from priced

),

{{ typed_records(
    'order_lines',
    [
        'currency', 'order_no', 'line_no', 'sku', 'title', 'quantity', 'unit_price', 'line_amount', 'merchant_discount',
    ],
) }}

select * from records
