-- One row per pass of a matching level, of the newest table.
{{ rules_in_force('match_rules', [
    'level', 'pass', 'keys', 'window_before:int', 'window_after:int', 'day_kind', 'tolerance_below:money', 'tolerance_above:money',
]) }}
