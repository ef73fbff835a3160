-- One row per waybill of an order, with the scans that show whether its carrier tells of pick-up and delivery.
with

int_exceptions__parcels as (

    select
        shipments.record_key,
        shipments.entity,
        shipments.store,
        shipments.waybill_no,
        shipments.carrier,
        shipments.received_on,
        shipments.tracked_at,
        shipments.picked_up_at,
        shipments.delivered_at,
        shipments.last_scan_at,
        coalesce(shipments.tracked_at, shipments.picked_up_at) as sent_at,
        orders.record_key as order_key,
        orders.buyer_paid
    from {{ ref('int_ledger__shipments') }} as shipments
    inner join {{ ref('int_ledger__orders') }} as orders
        on shipments.entity = orders.entity and shipments.order_no = orders.order_no and orders.role = 'platform'

)

select * from int_exceptions__parcels
