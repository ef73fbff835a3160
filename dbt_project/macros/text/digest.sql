{# SHA-256 of a text, as 64 hexadecimal digits. #}
{% macro digest(text) %}{{ return(adapter.dispatch('digest')(text)) }}{% endmacro %}
{% macro duckdb__digest(text) -%}sha256({{ text }}){%- endmacro %}
{% macro default__digest(text) -%}sha2({{ text }}, 256){%- endmacro %}
