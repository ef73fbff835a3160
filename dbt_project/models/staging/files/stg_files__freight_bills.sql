-- One row per delivered row of template `freight_bills`.
with

{{ received_template('freight_bills') }},

{{ typed_records('freight_bills', template_columns('freight_bills')) }}

select * from records
