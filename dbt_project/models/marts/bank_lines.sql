-- One row per booked line of a bank statement.
{{ record_mart('bank_lines', 'bank_line', [
    'line_no', 'booked_at', 'value_date', 'direction', 'amount', 'balance', 'counterparty_name',
    'counterparty_account', 'remark', 'bank_reference'
]) }}
