-- One row per delivered row of template `payouts`.
with

{{ received_template('payouts') }},

{{ typed_records('payouts', template_columns('payouts')) }}

select * from records
