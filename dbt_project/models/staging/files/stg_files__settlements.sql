-- One row per delivered row of template `settlements`.
with

{{ received_template('settlements') }},

{{ typed_records('settlements', template_columns('settlements')) }}

select * from records
