-- One row per delivered row of template `invoices`.
with

{{ received_template('invoices') }},

{{ typed_records('invoices', template_columns('invoices')) }}

select * from records
