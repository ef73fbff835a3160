-- One row per movement that the bank tells of an account.
with

{{ received_bank_lines('cmb_direct') }},

{{ typed_records('bank_lines', bank_line_columns()) }}

select * from records
