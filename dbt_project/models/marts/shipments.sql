-- One row per parcel of an order.
{{ record_mart('shipments', 'shipment', [
    'waybill_no', 'order_no', 'carrier', 'quantity', 'outbound_no', 'outbound_quantity', 'tracked_at',
    'picked_up_at', 'delivered_at', 'last_scan_at', 'freight_cost'
]) }}
