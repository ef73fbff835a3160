-- One row per settlement batch of a platform.
{{ record_mart('settlements', 'settlement', [
    'settlement_no', 'period_start', 'period_end', 'total_amount', 'row_count', 'settled_at',
    'wallet_flow_no', 'payout_no'
]) }}
