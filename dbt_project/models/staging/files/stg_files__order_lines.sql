-- One row per delivered row of template `order_lines`.
with

{{ received_template('order_lines') }},

{{ typed_records('order_lines', template_columns('order_lines')) }}

select * from records
