-- One row per charge that a platform or channel may make, of the newest table.
{{ rules_in_force('fee_rules', [
    'platform', 'store', 'account', 'fee_type', 'category', 'base', 'rate:rate', 'fixed:money', 'minimum:money', 'maximum:money', 'refundable:flag', 'after_refunds:flag', 'date_basis',
]) }}
