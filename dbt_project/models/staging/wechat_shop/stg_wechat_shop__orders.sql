-- One row per order received, with its money as the platform states it.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', ['order_id', 'status', 'openid', 'create_time', 'update_time']) }} as fields,
        {{ json_fields(json_part('record', '$.order_detail.price_info'), [
            'product_price', 'order_price', 'freight', 'discounted_price', 'merchant_discounted_price',
            'deduction_price', 'change_down_price', 'cash_coupon_discounted_price', 'finder_discounted_price',
        ]) }} as price,
        {{ json_text('record', '$.order_detail.pay_info.pay_time') }} as pay_time,
        {{ json_text('record', '$.order_detail.delivery_info.ship_done_time') }} as ship_done_time,
        {{ json_text('record', '$.order_detail.ext_info.confirm_receipt_time') }} as confirm_receipt_time
    from {{ source('wechat_shop', 'wechat_shop__orders') }}

),

scaled as (

    select
        *,
        coalesce({{ minor_text('coalesce(price.merchant_discounted_price, price.discounted_price)') }}, '0.00') as own_discount,
        coalesce({{ minor_text('price.deduction_price') }}, '0.00') as deduction,
        coalesce({{ minor_text('price.change_down_price') }}, '0.00') as reduction
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.order_id, '') as order_no,
        case
            when fields.status = '10' then 'created'
            when fields.status in ('12', '13', '20', '21') then 'paid'
            when fields.status = '30' then 'shipped'
            when fields.status = '100' then 'completed'
            when fields.status = '200' then 'closed'
            when fields.status = '250' then 'cancelled'
        end as status,
        'status=' || fields.status as source_status,
        nullif(fields.openid, '') as buyer_id,
        {{ seconds_text('fields.create_time') }} as ordered_at,
        {{ seconds_text('pay_time') }} as paid_at,
        {{ seconds_text('ship_done_time') }} as shipped_at,
        {{ seconds_text('confirm_receipt_time') }} as confirmed_at,
        {{ minor_text('price.product_price') }} as goods_amount,
        -- the merchant's own coupon, points and price change; an unreadable part shows itself instead of an empty sum
        coalesce(
            cast(
                {{ signed_text('own_discount') }} + {{ signed_text('deduction') }} + {{ signed_text('reduction') }} as string
            ),
            concat_ws(' ', own_discount, deduction, reduction)
        ) as merchant_discount,
        coalesce({{ minor_text('price.cash_coupon_discounted_price') }}, '0.00') as platform_subsidy,
        '0.00' as channel_subsidy,
        coalesce({{ minor_text('price.finder_discounted_price') }}, '0.00') as creator_subsidy,
        coalesce({{ minor_text('price.freight') }}, '0.00') as freight,
        {{ minor_text('price.order_price') }} as buyer_paid,
        'online' as payment_method,
        {{ seconds_text('fields.update_time') }} as updated_at
    from scaled

),

{{ typed_records(
    'orders',
    [
        'order_no', 'status', 'buyer_id', 'ordered_at', 'paid_at', 'shipped_at', 'confirmed_at', 'goods_amount',
        'merchant_discount', 'platform_subsidy', 'channel_subsidy', 'creator_subsidy', 'freight', 'buyer_paid',
        'payment_method', 'updated_at',
    ],
    zone='Asia/Shanghai',
    translated=['status'],
) }}

select * from records
