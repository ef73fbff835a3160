-- One row per delivered row of template `orders`.
with

{{ received_template('orders') }},

{{ typed_records('orders', template_columns('orders')) }}

select * from records
