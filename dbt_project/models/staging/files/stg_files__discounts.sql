-- One row per delivered row of template `discounts`.
with

{{ received_template('discounts') }},

{{ typed_records('discounts', template_columns('discounts')) }}

select * from records
