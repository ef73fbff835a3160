-- One row per line of an order received.
with

lines as (

    select
        file_id,
        row_number,
        landed_on,
        split_part(record ->> '$.id', '/', -1) as order_no,
        unnest(json_extract(record, '$.lineItems.nodes[*]')) as line
    from {{ source('shopify', 'shopify__orders') }}

),

priced as (

    select
        *,
        line ->> '$.originalTotalSet.shopMoney.currencyCode' as currency,
        json_extract_string(line, '$.discountAllocations[*].allocatedAmountSet.shopMoney.amount') as discounts
    from lines

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        order_no,
        split_part(line ->> '$.id', '/', -1) as line_no,
        nullif(line ->> '$.sku', '') as sku,
        line ->> '$.name' as title,
        line ->> '$.quantity' as quantity,
        line ->> '$.originalUnitPriceSet.shopMoney.amount' as unit_price,
        line ->> '$.originalTotalSet.shopMoney.amount' as line_amount,
        cast(
            (select coalesce(sum({{ signed_text('discount') }}), 0) from unnest(discounts) as shares (discount)) as varchar
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
