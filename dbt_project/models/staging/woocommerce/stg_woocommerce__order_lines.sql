-- One row per line of an order received; the price of one piece is its share of the line before any discount.
with

lines as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.id') }} as order_no,
        {{ json_text('record', '$.currency') }} as currency,
        {{ json_text('record', '$.prices_include_tax') }} = 'true' as is_tax_included,
        {{ each_item(json_list('record', '$.line_items')) }} as line
    from {{ source('woocommerce', 'woocommerce__orders') }}

),

parsed as (

    select
        *,
        {{ json_fields('line', [
            'id', 'sku', 'name', 'quantity', 'subtotal', 'subtotal_tax', 'total', 'total_tax',
        ]) }} as fields
    from lines

),

read as (

    select
        *,
        {{ signed_text('fields.subtotal') }}
        + case when is_tax_included then {{ signed_text("coalesce(nullif(fields.subtotal_tax, ''), '0')") }} else 0 end
            as before_discount,
        {{ signed_text('fields.total') }}
        + case when is_tax_included then {{ signed_text("coalesce(nullif(fields.total_tax, ''), '0')") }} else 0 end
            as after_discount
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        order_no,
        fields.id as line_no,
        nullif(fields.sku, '') as sku,
        fields.name as title,
        fields.quantity,
        cast(
            cast(
                {{ whole_quotient('cast(before_discount * 1000000 as bigint)', 'nullif(try_cast(fields.quantity as bigint), 0)') }}
                as decimal(18, 0)
            ) * cast(0.000001 as decimal(7, 6)) as string
        ) as unit_price,
        coalesce(cast(before_discount as string), concat_ws(' ', fields.subtotal, fields.subtotal_tax)) as line_amount,
        cast(before_discount - after_discount as string) as merchant_discount
    from read

),

{{ typed_records(
    'order_lines',
    [
        'currency', 'order_no', 'line_no', 'sku', 'title', 'quantity', 'unit_price', 'line_amount', 'merchant_discount',
    ],
) }}

select * from records
