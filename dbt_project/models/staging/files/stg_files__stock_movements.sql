-- One row per delivered row of template `stock_movements`.
with

{{ received_template('stock_movements') }},

{{ typed_records('stock_movements', template_columns('stock_movements')) }}

select * from records
