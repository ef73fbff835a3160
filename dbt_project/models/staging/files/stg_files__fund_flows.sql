-- One row per delivered row of template `fund_flows`.
with

{{ received_template('fund_flows') }},

{{ typed_records('fund_flows', template_columns('fund_flows')) }}

select * from records
