-- One row per refund ticket received; only SUCCESS moves money.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'refund_id', 'tid', 'oid', 'status', 'dispute_type', 'has_good_return', 'refund_fee', 'reason', 'created',
            'modified',
        ]) }} as fields
    from {{ source('taobao', 'taobao__refunds') }}

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.refund_id as refund_no,
        fields.tid as order_no,
        fields.oid as line_no,
        case when lower(fields.has_good_return) = 'true' then 'return_refund' else 'refund_only' end as type,
        coalesce(fields.dispute_type, 'has_good_return=' || coalesce(fields.has_good_return, 'false')) as source_type,
        case fields.status
            when 'WAIT_SELLER_AGREE' then 'requested'
            when 'WAIT_BUYER_RETURN_GOODS' then 'approved'
            when 'WAIT_SELLER_CONFIRM_GOODS' then 'approved'
            when 'SELLER_REFUSE_BUYER' then 'rejected'
            when 'CLOSED' then 'closed'
            when 'SUCCESS' then 'succeeded'
        end as status,
        fields.status as source_status,
        fields.refund_fee as amount,
        fields.reason,
        fields.created as applied_at,
        case when fields.status = 'SUCCESS' then fields.modified end as succeeded_at
    from parsed

),

{{ typed_records(
    'refunds',
    ['refund_no', 'order_no', 'line_no', 'type', 'status', 'amount', 'reason', 'applied_at', 'succeeded_at'],
    zone='Asia/Shanghai',
    translated=['type', 'status'],
) }}

select * from records
