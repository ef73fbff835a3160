-- One row per paid order that must be shipped: the promise, and the shipment that keeps it.
with

shipped_stores as (

    select place as store from {{ ref('int_ledger__scope') }} where fact = 'shipping_store'

),

orders as (

    select orders.*
    from {{ ref('int_ledger__orders') }} as orders
    inner join shipped_stores on orders.store = shipped_stores.store
    where orders.role = 'platform' and orders.paid_at is not null

),

refunded as (

    select store, order_no, sum(amount) as refund_amount
    from {{ ref('int_ledger__refunds') }}
    where status in ('succeeded', 'approved', 'processing')
    group by store, order_no

),

parcels as (

    select
        entity,
        order_no,
        count(*) as parcel_count,
        min(coalesce(picked_up_at, tracked_at)) as shipped_at,
        max(received_on) as received_on
    from {{ ref('int_ledger__shipments') }}
    group by entity, order_no

),

promises as (

    select
        orders.record_key,
        coalesce(
            max(case when rules.platform = orders.platform then rules.ship_hours end),
            max(case when rules.platform is null then rules.ship_hours end),
            48
        ) as ship_hours
    from orders
    left join {{ ref('int_ledger__promise_rules') }} as rules
        on coalesce(rules.ship_mode, 'domestic') = coalesce(orders.ship_mode, 'domestic')
    group by orders.record_key

),

int_matching__order_shipment_due as (

    select
        orders.record_key,
        orders.entity,
        orders.platform,
        orders.store,
        orders.currency,
        orders.order_no,
        orders.business_date,
        orders.buyer_paid,
        greatest(orders.received_on, coalesce(parcels.received_on, orders.received_on)) as received_on,
        coalesce(parcels.shipped_at, orders.shipped_at) as shipped_at,
        parcels.parcel_count,
        coalesce(refunded.refund_amount, 0) as refund_amount,
        orders.status,
        coalesce(orders.promise_ship_by, orders.paid_at + {{ hours('promises.ship_hours') }}) as promised_at
    from orders
    inner join promises on orders.record_key = promises.record_key
    left join parcels on orders.entity = parcels.entity and orders.order_no = parcels.order_no
    left join refunded on orders.store = refunded.store and orders.order_no = refunded.order_no

)

select * from int_matching__order_shipment_due
