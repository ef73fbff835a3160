-- One row per payout of a wallet or channel to a bank.
{{ record_mart('payouts', 'payout', [
    'payout_no', 'amount', 'fee', 'initiated_at', 'expected_on', 'bank_account', 'bank_reference',
    'bank_amount', 'bank_currency', 'fx_rate', 'status'
]) }}
