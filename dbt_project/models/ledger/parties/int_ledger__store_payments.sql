-- One row per store and channel account that may collect for it, of the newest settings.
{{ settings_in_force('store_payments', ['store', 'account']) }}
