-- One row per place where money lies, of the newest settings.
{{ settings_in_force('accounts', ['account', 'entity', 'platform', 'kind', 'currency', 'pays_out_to', 'calendar', 'ledger_account']) }}
