-- One row per booked line of an OFX statement.
with

{{ received_bank_lines('bank_ofx') }},

{{ typed_records('bank_lines', bank_line_columns()) }}

select * from records
