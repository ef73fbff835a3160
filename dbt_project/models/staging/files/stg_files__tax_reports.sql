-- One row per delivered row of template `tax_reports`.
with

{{ received_template('tax_reports') }},

{{ typed_records('tax_reports', template_columns('tax_reports')) }}

select * from records
