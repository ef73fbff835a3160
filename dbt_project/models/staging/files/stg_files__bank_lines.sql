-- One row per delivered row of template `bank_lines`.
with

{{ received_template('bank_lines') }},

{{ typed_records('bank_lines', template_columns('bank_lines')) }}

select * from records
