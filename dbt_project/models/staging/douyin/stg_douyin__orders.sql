-- One row per shop order received: who bears a discount is told by the amounts, the merchant bears what no other does.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'order_id', 'order_status', 'main_status', 'doudian_open_id', 'create_time', 'pay_time', 'ship_time',
            'finish_time', 'update_time', 'post_amount', 'pay_amount', 'platform_cost_amount', 'promotion_pay_amount',
            'promotion_talent_amount', 'pay_type',
        ]) }} as fields,
        {{ made_of_each(
            json_field_list('record', '$.sku_order_list', ['origin_amount', 'item_num']), 'line',
            'case when ' ~ full_match('line.origin_amount', '[0-9]{1,12}') ~ ' and '
            ~ full_match('line.item_num', '[0-9]{1,6}')
            ~ ' then cast(cast(line.origin_amount as bigint) * cast(line.item_num as bigint) as decimal(18, 0)) end',
        ) }} as line_amounts
    from {{ source('douyin', 'douyin__orders') }}

),

read as (

    select
        file_id,
        row_number,
        landed_on,
        fields,
        -- an unreadable line leaves the goods to the lines themselves
        case when {{ all_known('line_amounts') }} then {{ sum_of('line_amounts', 0) }} end as goods_minor
    from parsed

),

shared as (

    select
        *,
        goods_minor
        + try_cast(coalesce(fields.post_amount, '0') as decimal(18, 0))
        - try_cast(fields.pay_amount as decimal(18, 0))
        - try_cast(coalesce(fields.platform_cost_amount, '0') as decimal(18, 0))
        - try_cast(coalesce(fields.promotion_pay_amount, '0') as decimal(18, 0))
        - try_cast(coalesce(fields.promotion_talent_amount, '0') as decimal(18, 0)) as merchant_minor
    from read

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.order_id as order_no,
        case
            when fields.order_status = '1' then 'created'
            when fields.order_status in ('105', '2', '101') then 'paid'
            when fields.order_status = '3' then 'shipped'
            when fields.order_status = '5' then 'completed'
            when fields.order_status = '4' and coalesce(fields.pay_time, '0') = '0' then 'cancelled'
            when fields.order_status = '4' then 'closed'
        end as status,
        fields.order_status as source_status,
        fields.doudian_open_id as buyer_id,
        {{ seconds_text('fields.create_time') }} as ordered_at,
        {{ seconds_text('fields.pay_time') }} as paid_at,
        {{ seconds_text('fields.ship_time') }} as shipped_at,
        case when fields.order_status = '5' then {{ seconds_text('fields.finish_time') }} end as confirmed_at,
        {{ fen_text('cast(goods_minor as string)') }} as goods_amount,
        {{ fen_text('cast(merchant_minor as string)') }} as merchant_discount,
        {{ fen_text("coalesce(fields.platform_cost_amount, '0')") }} as platform_subsidy,
        {{ fen_text("coalesce(fields.promotion_pay_amount, '0')") }} as channel_subsidy,
        {{ fen_text("coalesce(fields.promotion_talent_amount, '0')") }} as creator_subsidy,
        {{ fen_text("coalesce(fields.post_amount, '0')") }} as freight,
        {{ fen_text('fields.pay_amount') }} as buyer_paid,
        case when fields.pay_type = '0' then 'cod' else 'online' end as payment_method,
        'domestic' as ship_mode,
        {{ seconds_text('fields.update_time') }} as updated_at
    from shared

),

{{ typed_records(
    'orders',
    [
        'order_no', 'status', 'buyer_id', 'ordered_at', 'paid_at', 'shipped_at', 'confirmed_at', 'goods_amount',
        'merchant_discount', 'platform_subsidy', 'channel_subsidy', 'creator_subsidy', 'freight', 'buyer_paid',
        'payment_method', 'ship_mode', 'updated_at',
    ],
    zone='Asia/Shanghai',
    translated=['status'],
) }}

select * from records
