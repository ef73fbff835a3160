-- One row per discount of an order and who bears it.
{{ record_mart('discounts', 'discount', [
    'order_no', 'line_no', 'name', 'bearer', 'amount'
]) }}
