-- One row per booked line of an exported bank statement.
with

{{ received_bank_lines('bank_csv') }},

{{ typed_records('bank_lines', bank_line_columns()) }}

select * from records
