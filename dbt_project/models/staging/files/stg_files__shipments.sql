-- One row per delivered row of template `shipments`.
with

{{ received_template('shipments') }},

{{ typed_records('shipments', template_columns('shipments')) }}

select * from records
