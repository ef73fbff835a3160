-- One row per delivered row of template `returns`.
with

{{ received_template('returns') }},

{{ typed_records('returns', template_columns('returns')) }}

select * from records
