-- One row per movement of a wallet, channel, deposit or advertising account.
{{ record_mart('fund_flows', 'fund_flow', [
    'flow_no', 'occurred_at', 'direction', 'amount', 'signed_amount', 'balance', 'business_type', 'category',
    'order_no', 'merchant_pay_no', 'business_ref', 'payout_no', 'remark'
]) }}
