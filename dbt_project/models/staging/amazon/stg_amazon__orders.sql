-- One row per order received; what the items' proceeds say by kind, and the total that the buyer pays.
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        record ->> '$.orderId' as order_no,
        record ->> '$.createdTime' as created_at,
        record ->> '$.lastUpdatedTime' as updated_at,
        record ->> '$.fulfillment.fulfillmentStatus' as source_status,
        record ->> '$.fulfillment.fulfilledBy' as fulfilled_by,
        record ->> '$.proceeds.grandTotal.amount' as grand_total,
        record ->> '$.proceeds.grandTotal.currencyCode' as currency,
        json_extract(record, '$.orderItems[*].proceeds.breakdowns[*]') as breakdowns,
        json_extract_string(record, '$.packages[*].shipTime') as ship_times,
        json_extract_string(record, '$.packages[*].packageStatus.status') as parcel_statuses
    from {{ source('amazon', 'amazon__orders') }}

),

read as (

    select
        *,
        {% for name, kind in {'goods': 'ITEM', 'freight': 'SHIPPING', 'discount': 'DISCOUNT', 'tax': 'TAX'}.items() %}
        (
            select coalesce(sum({{ signed_text("(part ->> '$.subtotal.amount')") }}), 0)
            from unnest(breakdowns) as parts (part)
            where part ->> '$.type' = '{{ kind }}'
        ) as {{ name }},
        {% endfor %}
        (select min(moment) from unnest(ship_times) as sent (moment)) as first_sent_at,
        len(parcel_statuses) > 0
        and (select bool_and(status = 'DELIVERED') from unnest(parcel_statuses) as parcels (status)) as is_delivered,
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
        cast(goods as varchar) as goods_amount,
        cast(abs(discount) as varchar) as merchant_discount,
        cast(freight as varchar) as freight,
        grand_total as buyer_paid,
        cast(tax as varchar) as tax_collected,
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
