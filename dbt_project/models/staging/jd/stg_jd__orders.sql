-- One row per order received: what is due without the merchant's discount and without what the buyer paid, the platform bears.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'orderId', 'parentOrderId', 'orderState', 'open_id_buyer', 'orderStartTime', 'paymentConfirmTime',
            'outBoundDate', 'orderEndTime', 'modified', 'freightPrice', 'sellerDiscount', 'orderPayment', 'balanceUsed',
            'payType',
        ]) }} as fields,
        {{ made_of_each(
            json_field_list('record', '$.itemInfoList', ['jdPrice', 'itemTotal']), 'line',
            'case when ' ~ full_match('line.itemTotal', '[0-9]{1,6}') ~ ' then ' ~ signed_text('line.jdPrice')
            ~ ' * cast(line.itemTotal as decimal(6, 0)) end',
        ) }} as line_amounts
    from {{ source('jd', 'jd__orders') }}

),

read as (

    select
        file_id,
        row_number,
        landed_on,
        fields,
        -- an unreadable line leaves the goods to the lines themselves
        case
            when {{ all_known('line_amounts') }}
                then cast({{ sum_of('line_amounts') }} as decimal(18, 2))
        end as goods,
        coalesce(nullif(fields.freightPrice, ''), '0') as freight_text,
        coalesce(nullif(fields.sellerDiscount, ''), '0') as discount_text,
        coalesce(nullif(fields.balanceUsed, ''), '0') as balance_text
    from parsed

),

summed as (

    select
        *,
        cast(goods - {{ signed_text('discount_text') }} + {{ signed_text('freight_text') }} as decimal(18, 2)) as due,
        cast({{ signed_text('fields.orderPayment') }} + {{ signed_text('balance_text') }} as decimal(18, 2)) as paid
    from read

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.orderId as order_no,
        nullif(nullif(fields.parentOrderId, ''), '0') as parent_order_no,
        case
            when fields.orderState = 'NOT_PAY' then 'created'
            when fields.orderState in (
                'WAIT_SELLER_STOCK_OUT', 'WAIT_SELLER_DELIVERY', 'LOCKED', 'PAUSE', 'POP_ORDER_PAUSE'
            ) then 'paid'
            when fields.orderState = 'WAIT_GOODS_RECEIVE_CONFIRM' then 'shipped'
            when fields.orderState = 'FINISHED_L' then 'completed'
            when fields.orderState = 'TRADE_CANCELED' and {{ jd_time('fields.paymentConfirmTime') }} is null then 'cancelled'
            when fields.orderState = 'TRADE_CANCELED' then 'closed'
        end as status,
        nullif(fields.orderState, '') as source_status,
        nullif(fields.open_id_buyer, '') as buyer_id,
        {{ jd_time('fields.orderStartTime') }} as ordered_at,
        {{ jd_time('fields.paymentConfirmTime') }} as paid_at,
        {{ jd_time('fields.outBoundDate') }} as shipped_at,
        case when fields.orderState = 'FINISHED_L' then {{ jd_time('fields.orderEndTime') }} end as confirmed_at,
        cast(goods as string) as goods_amount,
        discount_text as merchant_discount,
        -- whether orderPayment holds what was paid from the buyer's balance shows where both exceed what is due
        cast(
            due - case when paid <= due then paid else {{ signed_text('fields.orderPayment') }} end as string
        ) as platform_subsidy,
        freight_text as freight,
        coalesce(
            cast(case when paid <= due then paid else {{ signed_text('fields.orderPayment') }} end as string),
            fields.orderPayment
        ) as buyer_paid,
        case when fields.payType like '1-%' or fields.payType = '1' then 'cod' else 'online' end as payment_method,
        'domestic' as ship_mode,
        {{ jd_time('fields.modified') }} as updated_at
    from summed

),

{{ typed_records(
    'orders',
    [
        'order_no', 'parent_order_no', 'status', 'buyer_id', 'ordered_at', 'paid_at', 'shipped_at', 'confirmed_at',
        'goods_amount', 'merchant_discount', 'platform_subsidy', 'freight', 'buyer_paid', 'payment_method', 'ship_mode',
        'updated_at',
    ],
    zone='Asia/Shanghai',
    translated=['status'],
) }}

select * from records
