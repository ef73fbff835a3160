-- One row per after-sales ticket received; only success with a refund that went through moves money.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields(json_part('record', '$.aftersale_info'), [
            'aftersale_id', 'aftersale_type', 'aftersale_status', 'refund_status', 'refund_amount', 'apply_time',
            'update_time',
        ]) }} as fields,
        {{ json_text('record', '$.order_info.shop_order_id') }} as shop_order_no,
        {{ json_text('record', '$.text_part.reason_text') }} as reason_text
    from {{ source('douyin', 'douyin__refunds') }}

),

told as (

    select
        *,
        fields.aftersale_status = '12' and coalesce(fields.refund_status in ('3', '5'), false) as is_refunded
    from parsed
    -- exchanged, resent and repaired goods move no money
    where fields.aftersale_type not in ('3', '7', '8')

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.aftersale_id as refund_no,
        shop_order_no as order_no,
        case fields.aftersale_type
            when '0' then 'return_refund'
            when '1' then 'refund_only'
            when '2' then 'cancel'
            when '6' then 'refund_only'
        end as type,
        fields.aftersale_type as source_type,
        case
            when is_refunded then 'succeeded'
            when fields.aftersale_status = '12' then 'processing'
            when fields.aftersale_status = '6' then 'requested'
            when fields.aftersale_status in ('7', '8', '11') then 'approved'
            when fields.aftersale_status in ('27', '29') then 'rejected'
            when fields.aftersale_status in ('13', '14', '28', '51', '53') then 'closed'
        end as status,
        fields.aftersale_status as source_status,
        {{ fen_text('fields.refund_amount') }} as amount,
        reason_text as reason,
        {{ seconds_text('fields.apply_time') }} as applied_at,
        case when is_refunded then {{ seconds_text('fields.update_time') }} end as succeeded_at
    from told

),

{{ typed_records(
    'refunds',
    ['refund_no', 'order_no', 'type', 'status', 'amount', 'reason', 'applied_at', 'succeeded_at'],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
