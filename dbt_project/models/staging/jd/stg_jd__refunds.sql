-- One row per refund application received; its states are decisions, and only the last of them counts as paid back.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('coalesce(' ~ json_part('record', '$.refundApplyVo') ~ ', record)', [
            'id', 'orderId', 'status', 'applyRefundSum', 'applyTime', 'checkTime', 'reason',
        ]) }} as fields
    from {{ source('jd', 'jd__refunds') }}

),

told as (

    select
        *,
        case
            when fields.status = '0' then 'requested'
            when fields.status in ('1', '5', '7') then 'approved'
            when fields.status in ('2', '4') then 'rejected'
            when fields.status in ('3', '6', '9') then 'succeeded'
            when fields.status in ('8', '10') then 'processing'
            when fields.status = '11' then 'closed'
        end as told_status
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        nullif(fields.id, '') as refund_no,
        nullif(fields.orderId, '') as order_no,
        'cancel' as type,
        'refund application' as source_type,
        told_status as status,
        nullif(fields.status, '') as source_status,
        {{ fen_text('fields.applyRefundSum') }} as amount,
        nullif(fields.reason, '') as reason,
        {{ jd_time('fields.applyTime') }} as applied_at,
        case when told_status = 'succeeded' then {{ jd_time('fields.checkTime') }} end as succeeded_at
    from told

),

{{ typed_records(
    'refunds',
    ['refund_no', 'order_no', 'type', 'status', 'amount', 'reason', 'applied_at', 'succeeded_at'],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
