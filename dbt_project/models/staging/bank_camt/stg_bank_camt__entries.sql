-- One row per booked entry of a camt statement: one bank line, a batch too.
with

{{ received_bank_lines('bank_camt', 'entries') }},

{{ typed_records('bank_lines', bank_line_columns()) }}

select * from records
