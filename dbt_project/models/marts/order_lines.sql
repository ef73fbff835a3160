-- One row per line of an order.
{{ record_mart('order_lines', 'order_line', [
    'order_no', 'line_no', 'sub_order_no', 'sku', 'title', 'category', 'quantity', 'unit_price',
    'line_amount', 'merchant_discount', 'unit_cost', 'tax_rate'
]) }}
