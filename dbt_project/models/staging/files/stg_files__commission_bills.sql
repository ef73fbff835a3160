-- One row per delivered row of template `commission_bills`.
with

{{ received_template('commission_bills') }},

{{ typed_records('commission_bills', template_columns('commission_bills')) }}

select * from records
