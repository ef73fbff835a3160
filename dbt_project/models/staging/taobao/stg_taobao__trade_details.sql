-- One row per trade detail received: the order with its money as the platform states it.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'tid', 'status', 'buyer_open_uid', 'buyer_nick', 'created', 'pay_time', 'consign_time', 'end_time', 'modified',
            'total_fee', 'discount_fee', 'adjust_fee', 'platform_subsidy_fee', 'post_fee', 'payment', 'num', 'type',
        ]) }} as fields
    from {{ source('taobao', 'taobao__trade_details') }}

),

read as (

    select
        file_id,
        row_number,
        landed_on,
        fields,
        {{ signed_text("coalesce(fields.discount_fee, '0')") }}
        - {{ signed_text("coalesce(fields.adjust_fee, '0')") }}
        - {{ signed_text('fields.platform_subsidy_fee') }} as merchant_discount
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.tid as order_no,
        case
            when fields.status in ('TRADE_NO_CREATE_PAY', 'WAIT_BUYER_PAY', 'PAY_PENDING', 'WAIT_PRE_AUTH_CONFIRM')
                then 'created'
            when fields.status = 'WAIT_SELLER_SEND_GOODS' then 'paid'
            when fields.status in ('SELLER_CONSIGNED_PART', 'WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED') then 'shipped'
            when fields.status = 'TRADE_FINISHED' then 'completed'
            when fields.status = 'TRADE_CLOSED' then 'closed'
            when fields.status = 'TRADE_CLOSED_BY_TAOBAO' then 'cancelled'
        end as status,
        fields.status as source_status,
        coalesce(fields.buyer_open_uid, fields.buyer_nick) as buyer_id,
        fields.created as ordered_at,
        fields.pay_time as paid_at,
        fields.consign_time as shipped_at,
        case when fields.status = 'TRADE_FINISHED' then fields.end_time end as confirmed_at,
        fields.total_fee as goods_amount,
        -- an unreadable part shows itself instead of an empty sum; an absent share is left to the discount rows; of
        -- other bearers this platform knows none
        case
            when fields.platform_subsidy_fee is not null
                then coalesce(
                    cast(merchant_discount as string),
                    concat_ws(' ', fields.discount_fee, fields.adjust_fee, fields.platform_subsidy_fee)
                )
        end as merchant_discount,
        fields.platform_subsidy_fee as platform_subsidy,
        case when fields.platform_subsidy_fee is not null then '0.00' end as channel_subsidy,
        case when fields.platform_subsidy_fee is not null then '0.00' end as creator_subsidy,
        fields.post_fee as freight,
        fields.payment as buyer_paid,
        case when fields.type = 'cod' then 'cod' else 'online' end as payment_method,
        case when fields.type = 'step' then 'presale' else 'domestic' end as ship_mode,
        nullif(fields.num, '0') as ordered_qty,
        fields.modified as updated_at
    from read

),

{{ typed_records(
    'orders',
    [
        'order_no', 'status', 'buyer_id', 'ordered_at', 'paid_at', 'shipped_at', 'confirmed_at', 'goods_amount',
        'merchant_discount', 'platform_subsidy', 'channel_subsidy', 'creator_subsidy', 'freight', 'buyer_paid',
        'payment_method', 'ship_mode', 'ordered_qty', 'updated_at',
    ],
    zone='Asia/Shanghai',
    translated=['status'],
) }}

select * from records
