-- One row per legal person, of the newest settings.
{{ settings_in_force('entities', ['entity', 'name', 'taxpayer', 'accounting_standard']) }}
