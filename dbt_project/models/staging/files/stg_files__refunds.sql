-- One row per delivered row of template `refunds`.
with

{{ received_template('refunds') }},

{{ typed_records('refunds', template_columns('refunds')) }}

select * from records
