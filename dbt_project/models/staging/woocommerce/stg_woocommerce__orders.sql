-- One row per order received; where prices include tax, tax is part of every amount, else it is collected beside them.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_fields('record', [
            'id', 'status', 'currency', 'customer_id', 'date_created_gmt', 'date_paid_gmt', 'date_completed_gmt',
            'date_modified_gmt', 'discount_total', 'discount_tax', 'shipping_total', 'shipping_tax', 'total', 'total_tax',
            'transaction_id', 'payment_method',
        ]) }} as fields,
        {{ json_text('record', '$.prices_include_tax') }} = 'true' as is_tax_included,
        {{ json_field_list('record', '$.fee_lines', ['total', 'total_tax']) }} as fees,
        (
            select min(try_cast({{ json_text('parcel', '$.date_shipped') }} as bigint))
            from (
                select {{ each_item(json_list('note', '$.value')) }} as parcel
                from {{ each_item(json_list('record', '$.meta_data')) }} as notes (note)
                where {{ json_text('note', '$.key') }} = '_wc_shipment_tracking_items'
            ) as parcels
        ) as first_sent_seconds,
        (
            select count(*)
            from (
                select {{ each_item(json_list('note', '$.value')) }} as parcel
                from {{ each_item(json_list('record', '$.meta_data')) }} as notes (note)
                where {{ json_text('note', '$.key') }} = '_wc_shipment_tracking_items'
            ) as parcels
        ) as parcel_count
    from {{ source('woocommerce', 'woocommerce__orders') }}

),

read as (

    select
        *,
        {{ signed_text("coalesce(fields.discount_total, '0')") }}
        + case when is_tax_included then {{ signed_text("coalesce(fields.discount_tax, '0')") }} else 0 end as discount,
        {{ signed_text("coalesce(fields.shipping_total, '0')") }}
        + case when is_tax_included then {{ signed_text("coalesce(fields.shipping_tax, '0')") }} else 0 end
        + case
            when is_tax_included
                then (
                    select coalesce(sum(
                        {{ signed_text('fee.total') }} + {{ signed_text("coalesce(nullif(fee.total_tax, ''), '0')") }}
                    ), 0)
                    from {{ each_item('fees') }} as extra (fee)
                )
            else (select coalesce(sum({{ signed_text('fee.total') }}), 0) from {{ each_item('fees') }} as extra (fee))
        end as freight
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        fields.currency,
        fields.id as order_no,
        case
            when fields.status in ('checkout-draft', 'pending', 'on-hold') then 'created'
            when fields.status = 'processing' then case when parcel_count > 0 then 'shipped' else 'paid' end
            when fields.status = 'completed' then 'completed'
            when fields.status in ('cancelled', 'failed', 'trash') then 'cancelled'
            when fields.status = 'refunded' then 'closed'
        end as status,
        fields.status as source_status,
        nullif(fields.customer_id, '0') as buyer_id,
        nullif(fields.date_created_gmt, '') || 'Z' as ordered_at,
        nullif(fields.date_paid_gmt, '') || 'Z' as paid_at,
        {{ utc_text('first_sent_seconds') }} as shipped_at,
        nullif(fields.date_completed_gmt, '') || 'Z' as confirmed_at,
        -- an unreadable part shows itself instead of an empty sum
        coalesce(cast(discount as string), concat_ws(' ', fields.discount_total, fields.discount_tax)) as merchant_discount,
        coalesce(cast(freight as string), concat_ws(' ', fields.shipping_total, fields.shipping_tax)) as freight,
        fields.total as buyer_paid,
        case when is_tax_included then '0.00' else coalesce(fields.total_tax, '0') end as tax_collected,
        nullif(fields.transaction_id, '') as merchant_pay_no,
        case
            when fields.payment_method = 'cod' then 'cod'
            when fields.payment_method in ('bacs', 'cheque') then 'offline'
            else 'online'
        end as payment_method,
        nullif(fields.date_modified_gmt, '') || 'Z' as updated_at
    from read

),

{{ typed_records(
    'orders',
    [
        'currency', 'order_no', 'status', 'buyer_id', 'ordered_at', 'paid_at', 'shipped_at', 'confirmed_at',
        'merchant_discount', 'freight', 'buyer_paid', 'tax_collected', 'merchant_pay_no', 'payment_method', 'updated_at',
    ],
    translated=['status'],
) }}

select * from records
