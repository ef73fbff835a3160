-- One row per booked line of a BAI2 statement.
with

{{ received_bank_lines('bank_bai2') }},

{{ typed_records('bank_lines', bank_line_columns()) }}

select * from records
