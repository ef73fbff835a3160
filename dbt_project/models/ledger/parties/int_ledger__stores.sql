-- One row per store, of the newest settings.
{{ settings_in_force('stores', ['store', 'entity', 'platform', 'money', 'settles_into']) }}
