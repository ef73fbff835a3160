-- One row per delivered row of template `tax_declarations`.
with

{{ received_template('tax_declarations') }},

{{ typed_records('tax_declarations', template_columns('tax_declarations')) }}

select * from records
