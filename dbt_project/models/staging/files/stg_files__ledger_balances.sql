-- One row per delivered row of template `ledger_balances`.
with

{{ received_template('ledger_balances') }},

{{ typed_records('ledger_balances', template_columns('ledger_balances')) }}

select * from records
