-- One row per delivered row of template `tax_bridge_items`.
with

{{ received_template('tax_bridge_items') }},

{{ typed_records('tax_bridge_items', template_columns('tax_bridge_items')) }}

select * from records
