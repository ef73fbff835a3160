-- One row per exception code, of the newest table.
{{ rules_in_force('owners', [
    'code', 'severity', 'role', 'person', 'sla_hours:int',
]) }}
