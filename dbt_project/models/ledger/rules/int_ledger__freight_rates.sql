-- One row per carrier's price of a zone, of the newest table.
{{ rules_in_force('freight_rates', [
    'carrier', 'zone', 'first_weight:rate', 'first_price:rate', 'step_weight:rate', 'step_price:rate',
]) }}
