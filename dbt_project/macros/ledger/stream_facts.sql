{#
    What the ledger must know of a stream beside its columns.

    place: store | account | settlement (a store's or an account's) | entity: what a record of it belongs to.
    key: its natural key inside that place. day: the moments whose first known one gives the business day (`days`: already
    a day). amount: the amount that conservation follows. keeps: a reference that a later version lacks keeps its value.
    versions: whether later rooms read it (else only its deliveries are kept).
#}
{% macro stream_facts(stream) %}
{% set facts = {
    'orders': {'place': 'store', 'key': ['order_no'], 'day': ['paid_at', 'ordered_at'], 'amount': 'buyer_paid'},
    'order_lines': {'place': 'store', 'key': ['order_no', 'line_no'], 'amount': 'line_amount'},
    'discounts': {'place': 'store', 'key': ['order_no', 'line_no', 'name', 'bearer'], 'amount': 'amount', 'repeats': true},
    'refunds': {'place': 'store', 'key': ['refund_no'], 'day': ['succeeded_at', 'applied_at'], 'amount': 'amount'},
    'payments': {'place': 'account', 'key': ['coalesce(type, source_type)', 'transaction_no'],
        'day': ['succeeded_at', 'occurred_at'], 'amount': 'amount', 'keeps': true},
    'fund_flows': {'place': 'account', 'key': ['flow_no'], 'day': ['occurred_at'], 'amount': 'amount', 'keeps': true},
    'settlements': {'place': 'settlement', 'key': ['settlement_no'], 'day': ['settled_at'], 'amount': 'total_amount',
        'keeps': true},
    'settlement_lines': {'place': 'settlement', 'key': ['settlement_no', 'line_no'], 'day': ['settled_at'],
        'amount': 'amount', 'keeps': true},
    'payouts': {'place': 'account', 'key': ['payout_no'], 'day': ['initiated_at'], 'amount': 'amount'},
    'bank_lines': {'place': 'account', 'key': ['line_no'], 'day': ['booked_at'], 'amount': 'amount', 'keeps': true},
    'shipments': {'place': 'store', 'key': ['waybill_no', 'order_no'], 'day': ['picked_up_at', 'tracked_at'],
        'amount': 'freight_cost'},
    'returns': {'place': 'store', 'key': ['return_no'], 'day': ['received_at']},
    'invoices': {'place': 'entity', 'key': ['invoice_no'], 'days': ['issued_on'], 'amount': 'net'},
    'statements': {'place': 'account', 'key': ['stream', 'cast(day as string)'], 'days': ['day'], 'versions': false},
    'stock_movements': {'place': 'entity', 'key': ['movement_no'], 'day': ['moved_at'], 'versions': false},
    'stock_balances': {'place': 'entity', 'key': ['sku', 'warehouse', 'cast(day as string)'], 'days': ['day'],
        'versions': false},
    'freight_bills': {'place': 'entity', 'key': ['bill_no', 'waybill_no'], 'days': ['billed_on'], 'amount': 'amount',
        'repeats': true},
    'commission_bills': {'place': 'entity', 'key': ['bill_no', 'order_no', 'coalesce(kind, source_kind)'],
        'days': ['billed_on'], 'amount': 'amount'},
    'tax_reports': {'place': 'entity', 'key': ['quarter'], 'amount': 'gross_income', 'versions': false},
    'tax_declarations': {'place': 'entity', 'key': ['period'], 'amount': 'declared_sales', 'versions': false},
    'tax_bridge_items': {'place': 'entity', 'key': ['quarter', 'coalesce(item, source_item)', 'evidence'],
        'amount': 'amount', 'versions': false},
    'ledger_balances': {'place': 'entity', 'key': ['account_code', 'period'], 'amount': 'closing_balance',
        'versions': false},
    'trackings': {'place': 'entity', 'key': ['waybill_no'], 'day': ['last_scan_at', 'picked_up_at'], 'versions': false},
    'listed_orders': {'place': 'store', 'key': ['order_no'], 'day': ['updated_at'], 'versions': false},
}[stream] %}
{{ return(dict({'day': [], 'days': [], 'amount': none, 'keeps': false, 'versions': true, 'repeats': false}, **facts)) }}
{% endmacro %}
