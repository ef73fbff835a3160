-- One row per way into a source, of the newest settings.
{{ settings_in_force('connections', ['connection', 'source', 'role', 'store', 'account', 'platform', 'entity', 'currency', 'expect']) }}
