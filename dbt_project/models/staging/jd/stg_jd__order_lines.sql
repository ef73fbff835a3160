-- One row per item of an order received; the same item twice is told apart by its place.
with

items as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.orderId') }} as order_number,
        {{ json_field_list('record', '$.itemInfoList', ['skuId', 'outerSkuId', 'skuName', 'jdPrice', 'itemTotal']) }} as fields
    from {{ source('jd', 'jd__orders') }}

),

placed as (

    select
        file_id,
        row_number,
        landed_on,
        order_number,
        {{ each_item_placed('fields', 'fields', 'place') }}
    from items

),

numbered as (

    select
        *,
        row_number() over (partition by file_id, row_number, fields.skuId order by place) as nth
    from placed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(order_number, '') as order_no,
        nullif(fields.skuId, '') || case when nth > 1 then '-' || nth else '' end as line_no,
        coalesce(nullif(fields.outerSkuId, ''), fields.skuId) as sku,
        fields.skuName as title,
        fields.itemTotal as quantity,
        fields.jdPrice as unit_price,
        case
            when {{ full_match('fields.itemTotal', '[0-9]{1,6}') }}
                then cast(
                    cast({{ signed_text('fields.jdPrice') }} * cast(fields.itemTotal as decimal(6, 0)) as decimal(18, 2))
                    as string
                )
        end as line_amount
    from numbered

),

{{ typed_records(
    'order_lines',
    ['order_no', 'line_no', 'sku', 'title', 'quantity', 'unit_price', 'line_amount'],
    zone='Asia/Shanghai',
) }}

select * from records
