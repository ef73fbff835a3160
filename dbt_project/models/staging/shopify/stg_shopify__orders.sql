-- One row per order received; a record that only brings further lines of an order is none.
{% set paid = "('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')" %}
with

parsed as (

    select
        file_id,
        row_number,
        landed_on,
        split_part({{ json_text('record', '$.id') }}, '/', -1) as order_no,
        {{ json_text('record', '$.displayFinancialStatus') }} as financial,
        {{ json_text('record', '$.displayFulfillmentStatus') }} as fulfilment,
        {{ json_text('record', '$.cancelledAt') }} as cancelled_at,
        {{ json_text('record', '$.closedAt') }} as closed_at,
        {{ json_text('record', '$.createdAt') }} as created_at,
        {{ json_text('record', '$.updatedAt') }} as updated_at,
        {{ json_text('record', '$.currencyCode') }} as currency,
        {{ json_text('record', '$.test') }} as is_test,
        {{ json_text('record', '$.customer.id') }} as buyer_id,
        {{ json_text('record', '$.taxesIncluded') }} as is_tax_included,
        {{ json_text('record', '$.totalPriceSet.shopMoney.amount') }} as total_price,
        {{ json_text('record', '$.totalDiscountsSet.shopMoney.amount') }} as total_discounts,
        {{ json_text('record', '$.totalShippingPriceSet.shopMoney.amount') }} as total_shipping,
        {{ json_text('record', '$.totalTaxSet.shopMoney.amount') }} as total_tax,
        {{ json_text('record', '$.originalTotalDutiesSet.shopMoney.amount') }} as total_duties,
        {{ json_field_list('record', '$.transactions', ['kind', 'status', 'processedAt']) }} as payments,
        {{ json_field_list('record', '$.fulfillments', ['createdAt', 'deliveredAt']) }} as parcels,
        {{ json_texts('record', '$.paymentGatewayNames') }} as gateways
    from {{ source('shopify', 'shopify__orders') }}
    where {{ json_has('record', '$.createdAt') }}

),

read as (

    select
        *,
        case when is_tax_included = 'true' then cast(0 as decimal(18, 2)) else {{ signed_text("coalesce(total_tax, '0')") }} end
        + {{ signed_text("coalesce(total_duties, '0')") }} as tax_on_top,
        (
            select min(payment.processedAt)
            from {{ each_item('payments') }} as paid (payment)
            where payment.kind in ('SALE', 'CAPTURE') and payment.status = 'SUCCESS'
        ) as first_paid_at,
        (select min(parcel.createdAt) from {{ each_item('parcels') }} as sent (parcel)) as first_sent_at,
        (select max(parcel.deliveredAt) from {{ each_item('parcels') }} as sent (parcel)) as last_delivered_at,
        case
            when cancelled_at is not null then case when financial in {{ paid }} then 'closed' else 'cancelled' end
            when financial in ('PENDING', 'AUTHORIZED', 'PARTIALLY_PAID', 'EXPIRED', 'VOIDED') then 'created'
            when financial in {{ paid }} and fulfilment = 'FULFILLED'
                then case when closed_at is not null then 'completed' else 'shipped' end
            when financial in {{ paid }} then case when financial = 'REFUNDED' then 'closed' else 'paid' end
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
        our_status as status,
        concat_ws('/', financial, fulfilment) as source_status,
        buyer_id,
        created_at as ordered_at,
        first_paid_at as paid_at,
        first_sent_at as shipped_at,
        last_delivered_at as signed_at,
        case when our_status = 'completed' then closed_at end as confirmed_at,
        total_discounts as merchant_discount,
        total_shipping as freight,
        total_price as buyer_paid,
        -- tax inside the prices is part of them; an unreadable part shows itself instead of an empty sum
        coalesce(cast(tax_on_top as string), concat_ws(' ', total_tax, total_duties)) as tax_collected,
        -- the money of other gateways never shows in a payout
        case
            when {{ length_of('gateways') }} = 0 or {{ holds_item('gateways', "'shopify_payments'") }} then 'online'
            when lower({{ joined('gateways', ' ') }}) like '%cash%on%delivery%' then 'cod'
            when gateways is not null then 'offline'
            else 'online'
        end as payment_method,
        case when is_test = 'true' then 'true' else 'false' end as is_fake_marked,
        updated_at
    from read

),

{{ typed_records(
    'orders',
    [
        'currency', 'order_no', 'status', 'buyer_id', 'ordered_at', 'paid_at', 'shipped_at', 'signed_at', 'confirmed_at',
        'merchant_discount', 'freight', 'buyer_paid', 'tax_collected', 'payment_method', 'is_fake_marked', 'updated_at',
    ],
    translated=['status'],
) }}

select * from records
