-- One row per promise to ship, of the newest table.
{{ rules_in_force('promise_rules', [
    'platform', 'ship_mode', 'ship_hours:int', 'pickup_hours:int',
]) }}
