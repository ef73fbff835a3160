-- One row per delivered row of template `payments`.
with

{{ received_template('payments') }},

{{ typed_records('payments', template_columns('payments')) }}

select * from records
