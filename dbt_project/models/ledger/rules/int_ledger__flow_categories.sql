-- One row per kind of account movement, of the newest table.
{{ rules_in_force('flow_categories', [
    'source', 'business_type', 'remark_pattern', 'category', 'needs_order:flag', 'priority:int',
]) }}
