-- One row per order received; what the items' proceeds say by kind, and the total that the buyer pays.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        {{ json_text('record', '$.orderId') }} as order_no,
        {{ json_text('record', '$.createdTime') }} as created_at,
        {{ json_text('record', '$.lastUpdatedTime') }} as updated_at,
        {{ json_text('record', '$.fulfillment.fulfillmentStatus') }} as source_status,
        {{ json_text('record', '$.fulfillment.fulfilledBy') }} as fulfilled_by,
        {{ json_text('record', '$.proceeds.grandTotal.amount') }} as grand_total,
        {{ json_text('record', '$.proceeds.grandTotal.currencyCode') }} as currency,
        {{ json_inner_list('record', '$.orderItems', 'proceeds.breakdowns') }} as breakdowns,
        {{ json_text_list('record', '$.packages', 'shipTime') }} as ship_times,
        {{ json_text_list('record', '$.packages', 'packageStatus.status') }} as parcel_statuses
    from {{ source('amazon', 'amazon__orders') }}

),

read as (

    select
        *,
        {% for name, kind in {'goods': 'ITEM', 'freight': 'SHIPPING', 'discount': 'DISCOUNT', 'tax': 'TAX'}.items() %}
        (
            select coalesce(sum({{ signed_text(json_text('part', '$.subtotal.amount')) }}), 0)
            from {{ each_item('breakdowns') }} as parts (part)
            where {{ json_text('part', '$.type') }} = '{{ kind }}'
        ) as {{ name }},
        {% endfor %}
        (select min(moment) from {{ each_item('ship_times') }} as sent (moment)) as first_sent_at,
        {{ length_of('parcel_statuses') }} > 0
        and (select bool_and(status = 'DELIVERED') from {{ each_item('parcel_statuses') }} as parcels (status)) as is_delivered,
        case
            when source_status in ('PENDING', 'PENDING_AVAILABILITY') then 'created'
            when source_status in ('UNSHIPPED', 'PARTIALLY_SHIPPED') then 'paid'
            when source_status = 'SHIPPED' then 'shipped'
            when source_status in ('CANCELLED', 'UNFULFILLABLE') then 'cancelled'
        end as our_status
    from parsed

),

received as (

    select
        file_id,
        row_number,
        landed_on,
        currency,
        order_no,
        case when our_status = 'shipped' and is_delivered then 'completed' else our_status end as status,
        source_status,
        created_at as ordered_at,
        -- Amazon charges the buyer by itself: an order that is to be shipped is paid
        case when our_status in ('paid', 'shipped') then created_at end as paid_at,
        first_sent_at as shipped_at,
        cast(goods as string) as goods_amount,
        cast(abs(discount) as string) as merchant_discount,
        cast(freight as string) as freight,
        grand_total as buyer_paid,
        cast(tax as string) as tax_collected,
        'online' as payment_method,
        case when fulfilled_by = 'AMAZON' then 'fba' else 'domestic' end as ship_mode,
        updated_at
    from read

),

{{ typed_records(
    'orders',
    [
        'currency', 'order_no', 'status', 'ordered_at', 'paid_at', 'shipped_at', 'goods_amount', 'merchant_discount',
        'freight', 'buyer_paid', 'tax_collected', 'payment_method', 'ship_mode', 'updated_at',
    ],
    translated=['status'],
) }}

select * from records
