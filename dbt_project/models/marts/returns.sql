-- One row per return of goods.
{{ record_mart('returns', 'return', [
    'return_no', 'order_no', 'refund_no', 'waybill_no', 'quantity', 'required', 'received_at'
]) }}
