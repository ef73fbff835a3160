-- One row per delivered row of template `stock_balances`.
with

{{ received_template('stock_balances') }},

{{ typed_records('stock_balances', template_columns('stock_balances')) }}

select * from records
