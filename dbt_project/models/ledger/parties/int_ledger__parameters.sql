-- One row: the parameters of the newest settings.
{{ settings_in_force('parameters', [
    'amount_tol:money', 'bank_tol:money', 'fee_tol_txn:money', 'batch_tol_per_line:money',
    'batch_tol_max:money', 'writeoff_item:money', 'writeoff_month:money', 'tax_gap_abs:money',
    'provision_rate:rate', 'tax_gap_pct:rate', 'cross_day_minutes:int', 'sync_hours:int',
    'date_window_days:int', 'refund_sla_days:int', 'return_refund_hours:int', 'refund_return_days:int',
    'provision_window_days:int', 'recognition_point', 'subsidy_tax_mode', 'fee_vat_mode', 'refund_entry_style',
    'voucher_granularity', 'provision_mode', 'fx_booking', 'fx_month_end', 'cost_method', 'language',
]) }}
