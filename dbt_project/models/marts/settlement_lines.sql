-- One row per line of a settlement batch; a positive amount is to the merchant.
{{ record_mart('settlement_lines', 'settlement_line', [
    'settlement_no', 'line_no', 'order_no', 'sub_order_no', 'transaction_no', 'component', 'amount',
    'bill_date', 'settled_at'
]) }}
