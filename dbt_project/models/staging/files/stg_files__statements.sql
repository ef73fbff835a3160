-- One row per delivered row of template `statements`.
with

{{ received_template('statements') }},

{{ typed_records('statements', template_columns('statements')) }}

select * from records
