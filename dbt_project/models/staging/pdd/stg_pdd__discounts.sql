-- One row per discount of an order received; the field it stands in tells who bears it.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['order_sn', 'seller_discount', 'platform_discount']) }} as fields
    from {{ source('pdd', 'pdd__orders') }}

),

borne as (

    select file_id, row_number, landed_on, fields.order_sn, 'seller_discount' as name, 'merchant' as bearer, fields.seller_discount as amount
    from parsed
    union all
    select file_id, row_number, landed_on, fields.order_sn, 'platform_discount', 'platform', fields.platform_discount
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(order_sn, '') as order_no,
        name,
        bearer,
        amount
    from borne
    where not {{ is_zero_text('amount') }}

),

{{ typed_records('discounts', ['order_no', 'name', 'bearer', 'amount']) }}

select * from records
