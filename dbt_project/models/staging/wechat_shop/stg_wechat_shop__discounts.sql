-- One row per discount of an order received; the field it stands in tells who bears it.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.order_id') }} as order_id,
        {{ json_fields(json_part('record', '$.order_detail.price_info'), [
            'merchant_discounted_price', 'cash_coupon_discounted_price', 'finder_discounted_price',
        ]) }} as price
    from {{ source('wechat_shop', 'wechat_shop__orders') }}

),

borne as (

    {% for name, bearer in [
        ('merchant_discounted_price', 'merchant'), ('cash_coupon_discounted_price', 'platform'),
        ('finder_discounted_price', 'creator'),
    ] %}
    select
        file_id, row_number, landed_on, order_id, '{{ name }}' as name, '{{ bearer }}' as bearer, price.{{ name }} as amount_minor
    from parsed
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(order_id, '') as order_no,
        name,
        bearer,
        {{ minor_text('amount_minor') }} as amount
    from borne
    where not {{ is_zero_text('amount_minor') }}

),

{{ typed_records('discounts', ['order_no', 'name', 'bearer', 'amount']) }}

select * from records
