-- One row per payment, refund, reversal or chargeback of a payment channel, as it stands now.
{{ record_mart('payments', 'payment', [
    'transaction_no', 'type', 'status', 'amount', 'fee', 'fee_rate', 'merchant_pay_no', 'merchant_refund_no',
    'original_transaction_no', 'order_no', 'payer_account', 'occurred_at', 'succeeded_at', 'settlement_no'
]) }}
