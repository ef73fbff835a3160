-- One row per way in which a platform passes money on, of the newest table.
{{ rules_in_force('settlement_rules', [
    'platform', 'store', 'trigger', 'lag_days:int', 'day_kind', 'tier', 'net_or_gross', 'wallet_lag_days:int',
]) }}
