-- One row per day on which a calendar differs from its weekday, of the newest table.
{{ rules_in_force('bank_calendar', [
    'calendar', 'day:day', 'is_open:flag',
]) }}
