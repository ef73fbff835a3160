-- One row per order received, with its money as the platform states it.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'order_sn', 'order_status', 'refund_status', 'created_time', 'confirm_time', 'shipping_time', 'receive_time',
            'goods_amount', 'seller_discount', 'platform_discount', 'postage', 'pay_amount', 'last_ship_time',
            'is_pre_sale', 'updated_at',
        ]) }} as fields
    from {{ source('pdd', 'pdd__orders') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.order_sn, '') as order_no,
        case
            when fields.order_status = '1' and fields.refund_status = '4' then 'closed'
            when fields.order_status = '1' then 'paid'
            when fields.order_status = '2' then 'shipped'
            when fields.order_status = '3' then 'completed'
        end as status,
        'order_status=' || fields.order_status as source_status,
        nullif({{ seconds_text('fields.created_time') }}, '') as ordered_at,
        nullif({{ seconds_text('fields.confirm_time') }}, '') as paid_at,
        nullif({{ seconds_text('fields.shipping_time') }}, '') as shipped_at,
        nullif({{ seconds_text('fields.receive_time') }}, '') as confirmed_at,
        fields.goods_amount,
        fields.seller_discount as merchant_discount,
        fields.platform_discount as platform_subsidy,
        '0.00' as channel_subsidy,
        '0.00' as creator_subsidy,
        fields.postage as freight,
        fields.pay_amount as buyer_paid,
        'online' as payment_method,
        case when fields.is_pre_sale = '1' then 'presale' else 'domestic' end as ship_mode,
        nullif({{ seconds_text('fields.last_ship_time') }}, '') as promise_ship_by,
        nullif({{ seconds_text('fields.updated_at') }}, '') as updated_at
    from parsed

),

{{ typed_records(
    'orders',
    [
        'order_no', 'status', 'ordered_at', 'paid_at', 'shipped_at', 'confirmed_at', 'goods_amount', 'merchant_discount',
        'platform_subsidy', 'channel_subsidy', 'creator_subsidy', 'freight', 'buyer_paid', 'payment_method', 'ship_mode',
        'promise_ship_by', 'updated_at',
    ],
    zone='Asia/Shanghai',
    translated=['status'],
) }}

select * from records
