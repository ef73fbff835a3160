-- One row per invoice issued or received.
{{ record_mart('invoices', 'invoice', [
    'invoice_no', 'kind', 'order_no', 'net', 'vat', 'tax_rate', 'issued_on', 'counterparty'
]) }}
