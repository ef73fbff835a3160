-- One row per delivered row of template `settlement_lines`.
with

{{ received_template('settlement_lines') }},

{{ typed_records('settlement_lines', template_columns('settlement_lines')) }}

select * from records
