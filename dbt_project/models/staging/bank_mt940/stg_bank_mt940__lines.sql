-- One row per booked line of an MT940 statement.
with

{{ received_bank_lines('bank_mt940') }},

{{ typed_records('bank_lines', bank_line_columns()) }}

select * from records
