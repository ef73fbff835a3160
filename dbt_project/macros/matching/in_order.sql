{# The value in the first row of a group, in order; null where it is null there. #}
{% macro first_in_order(value, order_by) %}{{ return(adapter.dispatch('first_in_order')(value, order_by)) }}{% endmacro %}
{% macro duckdb__first_in_order(value, order_by) -%}first({{ value }} order by {{ order_by }}){%- endmacro %}
{% macro default__first_in_order(value, order_by) -%}min_by({{ value }}, struct({{ order_by }})){%- endmacro %}

{# The value in the last row of a group. #}
{% macro last_in_order(value, order_by) %}{{ return(adapter.dispatch('last_in_order')(value, order_by)) }}{% endmacro %}
{% macro duckdb__last_in_order(value, order_by) -%}last({{ value }} order by {{ order_by }}){%- endmacro %}
{% macro default__last_in_order(value, order_by) -%}max_by({{ value }}, struct({{ order_by }})){%- endmacro %}

{# The last value of a window that is not null: an `over` follows. #}
{% macro last_known(value) %}{{ return(adapter.dispatch('last_known')(value)) }}{% endmacro %}
{% macro duckdb__last_known(value) -%}last_value({{ value }} ignore nulls){%- endmacro %}
{% macro default__last_known(value) -%}last_value({{ value }}, true){%- endmacro %}
