-- One row per refund ticket of a platform, as it stands now.
{{ record_mart('refunds', 'refund', [
    'refund_no', 'order_no', 'line_no', 'type', 'status', 'amount', 'platform_subsidy_returned',
    'merchant_refund_no', 'reason', 'applied_at', 'succeeded_at', 'approved_by'
]) }}
